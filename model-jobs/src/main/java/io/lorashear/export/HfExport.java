package io.lorashear.export;

import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.verify.Readback;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A Hugging Face directory: the weights of the forward pass alone. */
record HfExport(String program) implements Target {
  /** Reads directories that this program can write and others cannot read. */
  private static final String ANY = "transformers";

  @Override
  public String form() {
    return "hf";
  }

  @Override
  public List<WeightType> types() {
    return List.of(WeightType.F32, WeightType.F16, WeightType.BF16);
  }

  @Override
  public void require(ExportRequest request) {
    if (!program.equals(ANY) && !request.model().config().uniform()) {
      throw new InputException(
          "%s cannot be told that widths differ by layer, as in %s: export --for torchscript,"
              + " or prune all layers alike",
          program, request.model().path());
    }
  }

  @Override
  public void write(ExportRequest request, Path folder) {
    var model = request.model();
    var weights = model.graph().parameters().keySet();
    var tensors = new CastTensors(model.tensors(), weights, request.type().stored());
    CheckpointWriter.write(folder, model.config(), tensors, model.companions());
  }

  @Override
  public Readback read(ExportRequest request, Path folder) {
    var written = Checkpoint.open(folder);
    var tokenizer =
        written.hasTokenizer() ? Optional.of(written.tokenizer()) : Optional.<Path>empty();
    return new Readback.Weights(written.graph(), written.tensors(), tokenizer);
  }
}
