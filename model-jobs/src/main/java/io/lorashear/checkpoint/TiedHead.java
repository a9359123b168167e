package io.lorashear.checkpoint;

import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Sought;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * A tied weight that is stored under the name of the output head or under both names: programs that
 * store shared tensors once may keep the head's name and omit the embedding's, and transformers
 * reads such files. If a file has both and they differ, for example after merging an adapter of the
 * head, the head counts as untied regardless of the configuration, as in transformers 5.
 */
public final class TiedHead {
  private static final List<String> HEADS = List.of("lm_head.weight", "embed_out.weight");

  private TiedHead() {}

  /**
   * The tensors with the embedding under the name that {@code graph} asks for; {@code tensors}
   * itself if it has that name, or no head of the embedding's shape.
   */
  static TensorSource restored(TensorSource tensors, ModelConfig config, ModelGraph graph) {
    var table = table(graph);
    var stored = tensors.tensors();
    if (!config.tiedEmbeddings() || stored.containsKey(table)) {
      return tensors;
    }
    var shape = graph.parameter(table).shape();
    for (var head : HEADS) {
      if (stored.containsKey(head) && Arrays.equals(stored.get(head).shape(), shape)) {
        var names = new LinkedHashMap<String, String>();
        stored.keySet().forEach(name -> names.put(name.equals(head) ? table : name, name));
        return new RenamedTensors(tensors, names);
      }
    }
    return tensors;
  }

  /** Whether {@code name} is the name of an output head's weight, in any family. */
  public static boolean isHead(String name) {
    return HEADS.contains(name);
  }

  /** The untied configuration, if the file has a head that differs from the embedding. */
  static Optional<ModelConfig> own(TensorSource tensors, ModelConfig config, ModelGraph graph) {
    var stored = tensors.tensors();
    if (!config.tiedEmbeddings() || HEADS.stream().noneMatch(stored::containsKey)) {
      return Optional.empty();
    }
    var fields = config.fields().deepCopy().put("tie_word_embeddings", false);
    var own = ModelConfig.parse(fields, config.where());
    var table = table(graph);
    return Family.of(own).trace(own).parameters().keySet().stream()
        .filter(name -> !graph.parameters().containsKey(name) && stored.containsKey(name))
        .filter(head -> stored.containsKey(table))
        .filter(head -> !SameNumbers.of(tensors, head, tensors, table))
        .map(head -> own)
        .findFirst();
  }

  private static String table(ModelGraph graph) {
    return Sought.EMBEDDING.in(graph).get(0).operator().table();
  }
}
