package io.lorashear.checkpoint;

import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Embedding;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * A tied weight under its other name: programs that store shared tensors once may keep the head's
 * name for it and leave the embedding's out, and transformers reads that.
 */
final class TiedHead {
  private static final List<String> HEADS = List.of("lm_head.weight", "embed_out.weight");

  private TiedHead() {}

  /**
   * The tensors with the embedding under the name that {@code graph} asks for; {@code tensors}
   * itself if it has it, or no head in its shape.
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

  private static String table(ModelGraph graph) {
    return graph.nodes().stream()
        .map(node -> node.operator())
        .filter(Embedding.class::isInstance)
        .map(operator -> ((Embedding) operator).table())
        .findFirst()
        .orElseThrow();
  }
}
