package io.lorashear.export;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.family.ConfigForm;
import io.lorashear.torch.TorchScriptFile.Answer;
import java.util.Optional;

/**
 * What is to be written.
 *
 * @param model to be written
 * @param type one of the target's
 * @param answer of a TorchScript file
 * @param base the model under an adapter, a path or a name on Hugging Face, where one was given
 * @param config the form of config.json for transformers; other programs have their own
 */
public record ExportRequest(
    Checkpoint model, WeightType type, Answer answer, Optional<String> base, ConfigForm config) {

  /** With config.json in its usual form. */
  public ExportRequest(Checkpoint model, WeightType type, Answer answer, Optional<String> base) {
    this(model, type, answer, base, ConfigForm.USUAL);
  }

  public ExportRequest(Checkpoint model, WeightType type) {
    this(model, type, Answer.LOGITS, Optional.empty());
  }
}
