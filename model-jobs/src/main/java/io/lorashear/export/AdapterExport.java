package io.lorashear.export;

import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.adapter.LoraPair;
import io.lorashear.checkpoint.adapter.PeftAdapter;
import io.lorashear.lora.LoraBinding;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.verify.Readback;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Exports LoRA weights as an adapter that PEFT loads onto the model they were trained with. */
public final class AdapterExport implements Target {
  /** Name of the folder in a recovered checkpoint with the LoRA pairs that were merged into it. */
  public static final String FOLDER = "adapter";

  private static final String WEIGHT = ".weight";

  /**
   * The adapter of {@code bindings}.
   *
   * @param tensors A and B of every binding, under the binding's names
   */
  public static PeftAdapter of(List<LoraBinding> bindings, TensorSource tensors) {
    return new PeftAdapter(
        bindings.stream().map(binding -> pair(binding, tensors)).toList(), tensors);
  }

  private static LoraPair pair(LoraBinding binding, TensorSource tensors) {
    var weight = binding.weight();
    var module = weight.substring(0, weight.length() - WEIGHT.length());
    int rank = Math.toIntExact(tensors.tensor(binding.a()).shape()[0]);
    return new LoraPair(module, rank, binding.scale());
  }

  /**
   * The adapter's folder in a recovered checkpoint.
   *
   * @throws InputException if it has none
   */
  public static Path folder(Path checkpoint) {
    var folder = checkpoint.resolve(FOLDER);
    if (!Files.isDirectory(folder)) {
      throw new InputException(
          "%s has no folder %s: only a recovered checkpoint has one", checkpoint, FOLDER);
    }
    return folder;
  }

  @Override
  public String program() {
    return "peft";
  }

  @Override
  public String form() {
    return "adapter";
  }

  @Override
  public List<WeightType> types() {
    return List.of(WeightType.F32);
  }

  @Override
  public String loading(ExportRequest request) {
    return "`AutoPeftModelForCausalLM.from_pretrained(\"DIR\")`";
  }

  @Override
  public Optional<String> library() {
    return Optional.of(program());
  }

  @Override
  public void require(ExportRequest request) {
    folder(request.model().path());
    AdapterBase.of(request);
  }

  @Override
  public long bytes(ExportRequest request) {
    try (var adapter = PeftAdapter.open(folder(request.model().path()))) {
      return adapter.tensors().tensors().values().stream().mapToLong(TensorInfo::bytes).sum();
    }
  }

  @Override
  public void write(ExportRequest request, Path folder) {
    try (var adapter = PeftAdapter.open(folder(request.model().path()))) {
      adapter.write(folder, AdapterBase.of(request).name());
    }
  }

  @Override
  public Readback read(ExportRequest request, Path folder) {
    var adapter = PeftAdapter.open(folder);
    var base = AdapterBase.of(request).folder();
    return base.isEmpty()
        ? new Readback.Pairs(
            adapter.tensors(), PeftAdapter.open(folder(request.model().path())).tensors())
        : adapted(Checkpoint.open(base.get()), adapter);
  }

  private static Readback adapted(Checkpoint base, PeftAdapter adapter) {
    var graph = LoraRewrite.apply(base.graph(), adapter.pairs()).graph();
    return new Readback.Adapted(graph, new JoinedTensors(base.tensors(), adapter.tensors()));
  }
}
