package io.lorashear.export;

import io.lorashear.checkpoint.CastTensors;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.family.ConfigForm;
import io.lorashear.family.ConfigForm.Layers;
import io.lorashear.verify.Readback;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A Hugging Face directory with the weights of the forward pass. */
record HfExport(String program) implements Target {
  /** Programs whose widths by layer are {@code block_configs}. */
  private static final Map<String, Layers> BLOCKS =
      Map.of("vllm", Layers.BLOCKS, "mlx", Layers.BLOCKS_IN_STEPS);

  @Override
  public String form() {
    return "hf";
  }

  @Override
  public List<WeightType> types() {
    return List.of(WeightType.F32, WeightType.F16, WeightType.BF16);
  }

  @Override
  public String loading(ExportRequest request) {
    return switch (program) {
      case "vllm" -> "`vllm serve DIR`, with `--trust-remote-code` where layers differ";
      case "mlx" -> "`python -m mlx_lm generate --model DIR --prompt \"Once upon a time\"`";
      default ->
          "`AutoModelForCausalLM.from_pretrained(\"DIR\")`, with `trust_remote_code=True` where"
              + " layers differ";
    };
  }

  /** The library in Hugging Face's metadata; for vLLM's files it is transformers. */
  @Override
  public Optional<String> library() {
    return Optional.of(program.equals("vllm") ? "transformers" : program);
  }

  /** Writes a trial config.json, which refuses what its form cannot express. */
  @Override
  public void require(ExportRequest request) {
    config(request).write(request.model().config(), "float32");
  }

  @Override
  public List<String> remarks(ExportRequest request) {
    boolean unbuilt =
        config(request).layers() == Layers.PER_LAYER && !request.model().config().stock();
    return unbuilt
        ? List.of(
            "5.24 reads such a per_layer_config, but none of its models of these families is built"
                + " from it: keep it for a version whose models are")
        : List.of();
  }

  private ConfigForm config(ExportRequest request) {
    var layers = BLOCKS.getOrDefault(program, request.config().layers());
    return new ConfigForm(layers, request.config().words());
  }

  @Override
  public void write(ExportRequest request, Path folder) {
    var model = request.model();
    var weights = model.graph().parameters().keySet();
    var tensors = new CastTensors(model.tensors(), weights, request.type().stored());
    CheckpointWriter.write(folder, model.config(), config(request), tensors, model.companions());
  }

  @Override
  public Readback read(ExportRequest request, Path folder) {
    var written = Checkpoint.open(folder);
    var tokenizer =
        written.hasTokenizer() ? Optional.of(written.tokenizer()) : Optional.<Path>empty();
    int positions = written.config().maximumPositions();
    return new Readback.Weights(written.graph(), written.tensors(), tokenizer, positions);
  }
}
