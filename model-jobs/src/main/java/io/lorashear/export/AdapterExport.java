package io.lorashear.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.adapter.LoraPair;
import io.lorashear.checkpoint.adapter.PeftAdapter;
import io.lorashear.lora.LoraBinding;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import java.nio.file.Path;
import java.util.List;

/** Writes LoRA weights as an adapter that PEFT loads onto the model they were trained with. */
public final class AdapterExport {
  private static final String WEIGHT = ".weight";

  private AdapterExport() {}

  /**
   * Publishes the pairs at {@code target}.
   *
   * @param tensors A and B of every binding, under the binding's names
   * @param base the model under the adapter, a path or a name of Hugging Face
   * @param manifest what there is to say; names and hashes of files are added
   */
  public static PublishedDirectory write(
      List<LoraBinding> bindings,
      TensorSource tensors,
      Path target,
      String base,
      ObjectNode manifest) {
    var pairs = bindings.stream().map(binding -> pair(binding, tensors)).toList();
    try (var publication = Publication.begin(target)) {
      new PeftAdapter(pairs, tensors).write(publication.directory(), base);
      return publication.publish(manifest);
    }
  }

  private static LoraPair pair(LoraBinding binding, TensorSource tensors) {
    var weight = binding.weight();
    var module = weight.substring(0, weight.length() - WEIGHT.length());
    int rank = Math.toIntExact(tensors.tensor(binding.a()).shape()[0]);
    return new LoraPair(module, rank, binding.scale());
  }
}
