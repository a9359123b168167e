package io.lorashear.checkpoint;

import io.lorashear.graph.ModelGraph;
import java.util.LinkedHashMap;

/**
 * Names of a model that was saved without its output head, such as GPT-2's first checkpoints: every
 * name lacks its first word ({@code h.0.ln_1.weight} for {@code transformer.h.0.ln_1.weight}), and
 * transformers restores it when reading.
 */
final class HeadlessNames {
  private HeadlessNames() {}

  /**
   * The tensors under the names that {@code graph} asks for; {@code tensors} itself if it has them.
   */
  static TensorSource restored(TensorSource tensors, ModelGraph graph) {
    var first = graph.parameters().keySet().iterator().next();
    var word = first.substring(0, first.indexOf('.') + 1);
    var stored = tensors.tensors().keySet();
    if (!stored.contains(first.substring(word.length()))
        || stored.stream().anyMatch(name -> name.startsWith(word))) {
      return tensors;
    }
    var names = new LinkedHashMap<String, String>();
    for (var name : stored) {
      names.put(graph.parameters().containsKey(name) ? name : word + name, name);
    }
    return new RenamedTensors(tensors, names);
  }
}
