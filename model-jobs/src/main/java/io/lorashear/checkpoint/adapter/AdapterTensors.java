package io.lorashear.checkpoint.adapter;

import io.lorashear.InputException;
import io.lorashear.checkpoint.SameNumbers;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.TiedHead;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The tensors of an adapter's file: A and B of every pair, and copies of the model's own tensors,
 * which PEFT also writes if a head or an embedding is adapted.
 *
 * <pre>
 *   base_model.model.lm_head.lora_A.weight            A; lora_A.default if a trainer wrote it
 *   base_model.model.lm_head.base_layer.weight        a copy of lm_head.weight
 *   base_model.model.model.embed_tokens.weight        a copy of model.embed_tokens.weight
 * </pre>
 *
 * @param parts names in the file of {@link LoraPair#a()} and {@link LoraPair#b()}
 * @param copies names in the file of the model's tensors
 */
record AdapterTensors(Path file, Map<String, String> parts, Map<String, String> copies) {
  static final String PREFIX = "base_model.model.";

  private static final Pattern PART =
      Pattern.compile("(?<module>.+\\.lora_[AB])(\\.(?<adapter>\\w+))?\\.weight");
  private static final Pattern WRAPPED = Pattern.compile("\\.(base_layer|original_module)(?=\\.)");

  static AdapterTensors of(Path file, Iterable<String> names) {
    var tensors = new AdapterTensors(file, new LinkedHashMap<>(), new LinkedHashMap<>());
    names.forEach(tensors::add);
    return tensors;
  }

  private void add(String name) {
    if (!name.startsWith(PREFIX)) {
      throw new InputException(
          "%s holds the tensor %s, but PEFT's names begin with %s: it would use none of it either",
          file, name, PREFIX);
    }
    var own = name.substring(PREFIX.length());
    var part = PART.matcher(own);
    boolean pair = part.matches();
    var said = pair ? part.group("module") + ".weight" : WRAPPED.matcher(own).replaceAll("");
    var other = (pair ? parts : copies).put(said, name);
    if (other != null) {
      throw new InputException(
          "%s holds %s and %s: two adapters in one file are not read here: save each by itself",
          file, other, name);
    }
    if (own.contains(".lora_embedding_")) {
      throw new InputException(
          "%s adapts the embedding (%s), which is not read here: merge it into the model with PEFT"
              + " first",
          file, name);
    }
  }

  /** Refuses copies, because they cannot be compared without the model. */
  void checkNoCopies() {
    for (var name : copies.values()) {
      throw foreign(name);
    }
  }

  /**
   * Refuses copies that differ from the model's tensors.
   *
   * @param table name of the embedding, which a copy of a tied head is compared with
   */
  void checkCopies(TensorSource adapter, TensorSource base, String table) {
    for (var copy : copies.entrySet()) {
      boolean head = TiedHead.isHead(copy.getKey());
      var own = head && !base.tensors().containsKey(copy.getKey()) ? table : copy.getKey();
      if (!base.tensors().containsKey(own)) {
        throw foreign(copy.getValue());
      }
      if (!SameNumbers.of(adapter, copy.getValue(), base, own)) {
        throw new InputException(
            "%s holds %s, which differs from the model's %s: that is not the model it was trained"
                + " on, or the trainer changed it too. Merge the adapter into its own model with"
                + " PEFT first",
            file, copy.getValue(), own);
      }
    }
  }

  private InputException foreign(String name) {
    return new InputException(
        "%s holds the tensor %s, which is neither A nor B of a LoRA nor a copy of a tensor of the"
            + " model: merge it into the model with PEFT first",
        file, name);
  }
}
