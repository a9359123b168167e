package io.lorashear.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.DataType;
import io.lorashear.run.PublishedDirectory;
import java.nio.file.Path;

/** Writes a checkpoint as a Hugging Face directory: the weights of its forward pass alone. */
public final class HfExport {
  private HfExport() {}

  /**
   * Publishes {@code model} at {@code target}.
   *
   * @param type of all weights: F32, F16 or BF16
   * @param manifest what there is to say about the model; names and hashes of files are added
   * @throws InputException when the target holds files of somebody else
   */
  public static PublishedDirectory write(
      Checkpoint model, Path target, DataType type, ObjectNode manifest) {
    if (!type.isFloating()) {
      throw new InputException("weights cannot be written as %s: choose F32, F16 or BF16", type);
    }
    var weights = model.graph().parameters().keySet();
    var tensors = new CastTensors(model.tensors(), weights, type);
    return CheckpointWriter.publish(target, model.config(), tensors, model.companions(), manifest);
  }
}
