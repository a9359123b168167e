package io.lorashear.export;

import io.lorashear.InputException;
import io.lorashear.checkpoint.CastTensors;
import io.lorashear.checkpoint.Companions;
import io.lorashear.checkpoint.DataType;
import io.lorashear.torch.TorchScriptFile;
import io.lorashear.torch.compile.Precision;
import io.lorashear.verify.Readback;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Writes a checkpoint as a {@link TorchScriptFile}, together with its tokenizer. */
public final class TorchScriptExport implements Target {
  /** Name of the file that DJL loads from a folder. */
  public static final String FILE = "model.pt";

  @Override
  public String program() {
    return "torchscript";
  }

  @Override
  public String form() {
    return "torchscript";
  }

  @Override
  public List<WeightType> types() {
    return List.of(WeightType.F32, WeightType.BF16);
  }

  @Override
  public String loading(ExportRequest request) {
    return "`torch.jit.load(\"DIR/model.pt\")`, in DJL `Criteria.builder().optModelPath(DIR)`";
  }

  @Override
  public void require(ExportRequest request) {}

  @Override
  public void write(ExportRequest request, Path folder) throws IOException {
    var model = request.model();
    var type = request.type().stored();
    var precision = precision(type);
    var graph = model.graph();
    var wide = Precision.alwaysWide(graph);
    var names = graph.parameters().keySet();
    var narrow = names.stream().filter(name -> !wide.contains(name)).toList();
    var tensors =
        new JoinedTensors(
            new CastTensors(model.tensors(), narrow, type),
            new CastTensors(
                model.tensors(), names.stream().filter(wide::contains).toList(), DataType.F32));
    Companions.copy(model.companions(), folder);
    TorchScriptFile.write(graph, tensors, precision, request.answer(), folder.resolve(FILE));
  }

  @Override
  public Readback read(ExportRequest request, Path folder) {
    return new Readback.Script(folder, request.answer());
  }

  /**
   * The precision in which a file with weights of this type computes.
   *
   * @throws InputException for a type without such a precision
   */
  public static Precision precision(DataType type) {
    return switch (type) {
      case F32 -> Precision.FLOAT32;
      case BF16 -> Precision.BFLOAT16;
      default ->
          throw new InputException(
              "a TorchScript file computes in F32 or BF16, not in %s: choose one of them", type);
    };
  }
}
