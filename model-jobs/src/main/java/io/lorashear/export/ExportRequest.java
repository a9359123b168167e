package io.lorashear.export;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.family.ConfigForm;
import io.lorashear.torch.TorchScriptFile.Answer;
import java.util.Optional;

/**
 * A request to export a model.
 *
 * @param model the model to write
 * @param type number type, one of the target's
 * @param answer output of a TorchScript file
 * @param base base model of an adapter, if given: a path or a name on Hugging Face
 * @param config form of config.json for transformers; other programs have their own
 */
public record ExportRequest(
    Checkpoint model, WeightType type, Answer answer, Optional<String> base, ConfigForm config) {

  /** A request with config.json in its usual form. */
  public ExportRequest(Checkpoint model, WeightType type, Answer answer, Optional<String> base) {
    this(model, type, answer, base, ConfigForm.USUAL);
  }

  public ExportRequest(Checkpoint model, WeightType type) {
    this(model, type, Answer.LOGITS, Optional.empty());
  }
}
