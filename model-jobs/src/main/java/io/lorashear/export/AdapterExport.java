package io.lorashear.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.adapter.LoraPair;
import io.lorashear.checkpoint.adapter.PeftAdapter;
import io.lorashear.lora.LoraBinding;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** LoRA weights as an adapter that PEFT loads onto the model they were trained with. */
public final class AdapterExport {
  /** The folder inside a recovered checkpoint that holds the pairs merged into it. */
  public static final String FOLDER = "adapter";

  private static final String WEIGHT = ".weight";

  private AdapterExport() {}

  /**
   * The pairs of {@code bindings}.
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
   * Where a recovered checkpoint has its adapter.
   *
   * @throws InputException when it has none
   */
  public static Path folder(Path checkpoint) {
    var folder = checkpoint.resolve(FOLDER);
    if (!Files.isDirectory(folder)) {
      throw new InputException(
          "%s has no folder %s: only a recovered checkpoint has one", checkpoint, FOLDER);
    }
    return folder;
  }

  /**
   * Publishes the adapter of a recovered checkpoint at {@code target}.
   *
   * @param base the model under it, a path or a name of Hugging Face
   * @throws InputException when {@code checkpoint} has no adapter
   */
  public static PublishedDirectory write(
      Path checkpoint, Path target, String base, ObjectNode manifest) {
    try (var adapter = PeftAdapter.open(folder(checkpoint));
        var publication = Publication.begin(target)) {
      adapter.write(publication.directory(), base);
      return publication.publish(manifest);
    }
  }
}
