package io.lorashear.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.CastTensors;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.safetensors.ModelShards;
import io.lorashear.family.ConfigForm;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.BlockMatrix;
import io.lorashear.graph.Sought;
import io.lorashear.verify.Readback;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A model with 2:4 sparse matrices, in the format {@code sparse-24-bitmask} of compressed-tensors:
 * half of the weights, and one bit for every weight. Versions up to 0.14 read it, with transformers
 * 4; later versions keep the name but do not read it, nor does vLLM from 0.19 on.
 */
record Sparse24Export() implements Target {
  private static final String CONFIG = "config.json";
  private static final String SETTINGS = "quantization_config";

  @Override
  public String program() {
    return "compressed-tensors";
  }

  @Override
  public String form() {
    return "sparse-24-bitmask";
  }

  @Override
  public List<WeightType> types() {
    return List.of(WeightType.F32, WeightType.F16, WeightType.BF16);
  }

  @Override
  public String loading(ExportRequest request) {
    return "`AutoModelForCausalLM.from_pretrained(\"DIR\", dtype=\"auto\")` in transformers 4, with"
        + " compressed-tensors 0.14 or older";
  }

  @Override
  public Optional<String> library() {
    return Optional.of("transformers");
  }

  @Override
  public List<String> remarks(ExportRequest request) {
    return List.of(
        "compressed-tensors from 0.15 on and vLLM from 0.19 on read this form no more, and"
            + " transformers makes whole matrices of it: it saves room on disk, not time; --for"
            + " transformers writes the same zeros for every program");
  }

  /** Bytes: half of the matrices, and one bit for each of their weights. */
  @Override
  public long bytes(ExportRequest request) {
    var graph = request.model().graph();
    long packed =
        BlockMatrix.of(graph).stream()
            .mapToLong(matrix -> graph.parameter(matrix.name()).elements())
            .sum();
    double bits = graph.parameterCount() * request.type().bits();
    return Math.round((bits - packed * (request.type().bits() / 2 - 1)) / Byte.SIZE);
  }

  @Override
  public void require(ExportRequest request) {
    var model = request.model();
    if (!model.config().stock()) {
      throw new InputException(
          "compressed-tensors knows no layers of widths of their own: prune with shape uniform-ffn"
              + " or uniform, or leave --for out");
    }
    for (var matrix : BlockMatrix.of(model.graph())) {
      if (matrix.turned()) {
        throw new InputException(
            "%s stores its matrices (in, out), which are no linears to compressed-tensors: leave"
                + " --for out",
            model.config().modelType());
      }
      requireGroups(matrix, model.tensors());
    }
  }

  private static void requireGroups(BlockMatrix matrix, TensorSource tensors) {
    var values = tensors.floats(matrix.name());
    for (int place = 0; place < values.length; place++) {
      int column = place % matrix.width();
      boolean begins = column % 4 == 0;
      if (begins && (column + 4 > matrix.width() || left(values, place) > 2)) {
        throw new InputException(
            "%s is not 2:4: in row %d more than two of four weights from column %d on are not zero;"
                + " lorashear sparsify --set pattern=2:4 makes it so, without --for any zeros are"
                + " written",
            matrix.name(), place / matrix.width(), column);
      }
    }
  }

  private static int left(float[] values, int first) {
    int left = 0;
    for (int place = first; place < first + 4; place++) {
      left += values[place] == 0 ? 0 : 1;
    }
    return left;
  }

  @Override
  public void write(ExportRequest request, Path folder) {
    var model = request.model();
    var matrices = matrices(model);
    var weights = model.graph().parameters().keySet();
    var cast = new CastTensors(model.tensors(), weights, request.type().stored());
    var tensors = new Sparse24Tensors(cast, matrices);
    CheckpointWriter.write(folder, model.config(), ConfigForm.USUAL, tensors, model.companions());
    var config = JsonFile.read(folder.resolve(CONFIG));
    config.set(SETTINGS, settings(model, matrices));
    JsonFile.write(folder.resolve(CONFIG), config);
  }

  private static Set<String> matrices(Checkpoint model) {
    return BlockMatrix.of(model.graph()).stream()
        .map(BlockMatrix::name)
        .collect(Collectors.toSet());
  }

  /**
   * The quantisation settings, which name the linear layers that are stored dense; a tied head is
   * one, although it has no weight.
   */
  private static ObjectNode settings(Checkpoint model, Set<String> matrices) {
    var settings = JsonFile.object().put("quant_method", "compressed-tensors");
    var sparsity = settings.putObject("sparsity_config");
    sparsity.put("format", "sparse-24-bitmask").put("sparsity_structure", "2:4");
    sparsity.put("global_sparsity", 0.5);
    sparsity.putArray("targets").add("Linear");
    var ignored = sparsity.putArray("ignore").add("lm_head");
    Sought.LINEAR.in(model.graph()).stream()
        .map(linear -> linear.operator().weight())
        .filter(name -> !matrices.contains(name))
        .map(Sparse24Tensors::stem)
        .filter(name -> !name.equals("lm_head"))
        .forEach(ignored::add);
    return settings;
  }

  @Override
  public Readback read(ExportRequest request, Path folder) {
    var fields = JsonFile.read(folder.resolve(CONFIG));
    fields.remove(SETTINGS);
    var config = ModelConfig.parse(fields, folder.resolve(CONFIG).toString());
    var tensors = new Unpacked24Tensors(ModelShards.open(folder));
    var tokenizer = Optional.of(folder.resolve("tokenizer.json")).filter(Files::isRegularFile);
    var graph = Family.of(config).trace(config);
    return new Readback.Weights(graph, tensors, tokenizer, config.maximumPositions());
  }
}
