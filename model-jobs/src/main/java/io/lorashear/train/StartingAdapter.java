package io.lorashear.train;

import io.lorashear.InputException;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.TiedHead;
import io.lorashear.checkpoint.adapter.LoraPair;
import io.lorashear.checkpoint.adapter.PeftAdapter;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Sought;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraRewrite.LoraGraph;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * An adapter that training starts from. All rules about LoRA assume one scale, so pairs of other
 * scales get that of the first pair and compute the same as before:
 *
 * <pre>
 *   s′·BA = s·(s′/s·B)A
 * </pre>
 *
 * @param graph the model's graph with the adapter's pairs
 */
record StartingAdapter(PeftAdapter adapter, LoraGraph graph) implements AutoCloseable {

  /**
   * Opens the adapter in {@code folder}.
   *
   * @param tensors the weights of {@code base}
   * @throws InputException when it is not plain LoRA, or does not belong to the model of {@code
   *     base}
   */
  static StartingAdapter open(Path folder, ModelGraph base, TensorSource tensors) {
    var adapter = PeftAdapter.open(folder, tensors, table(base)).ofOneScale();
    try {
      adapter.pairs().forEach(pair -> refuseTied(folder, base, pair));
      var graph = LoraRewrite.apply(base, adapter.pairs());
      for (var pair : adapter.pairs()) {
        for (var name : List.of(pair.a(), pair.b())) {
          var info = adapter.tensors().tensor(name);
          long[] expected = graph.graph().parameter(name).shape();
          if (!Arrays.equals(info.shape(), expected)) {
            throw new InputException(
                "the adapter %s is not of this model: %s has the shape %s, but beside %s it is %s",
                folder,
                name,
                Arrays.toString(info.shape()),
                pair.weight(),
                Arrays.toString(expected));
          }
        }
      }
      return new StartingAdapter(adapter, graph);
    } catch (RuntimeException e) {
      adapter.close();
      throw e;
    }
  }

  private static String table(ModelGraph base) {
    return Sought.EMBEDDING.in(base).get(0).operator().table();
  }

  private static void refuseTied(Path folder, ModelGraph base, LoraPair pair) {
    if (TiedHead.isHead(pair.weight()) && !base.parameters().containsKey(pair.weight())) {
      throw new InputException(
          "the adapter %s has a pair for %s, but the model's head is its embedding (%s), which a"
              + " pair beside the head alone cannot be folded into: merge it into the model with"
              + " PEFT first",
          folder, pair.module(), table(base));
    }
  }

  /** A and B of every pair. */
  TensorSource pairs() {
    return adapter.tensors();
  }

  @Override
  public void close() {
    adapter.close();
  }
}
