package io.lorashear.train;

import io.lorashear.InputException;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.adapter.PeftAdapter;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraRewrite.LoraGraph;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * An adapter that training starts from. Pairs of several scales get the first one's, which all
 * rules about LoRA share, and compute what they did:
 *
 * <pre>
 *   s′·BA = s·(s′/s·B)A
 * </pre>
 *
 * @param graph the model's with the adapter's pairs
 */
record StartingAdapter(PeftAdapter adapter, LoraGraph graph) implements AutoCloseable {

  /**
   * Opens the adapter in {@code folder}.
   *
   * @throws InputException when it is no plain LoRA, or not of the model of {@code base}
   */
  static StartingAdapter open(Path folder, ModelGraph base) {
    var adapter = PeftAdapter.open(folder).ofOneScale();
    try {
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

  /** A and B of every pair. */
  TensorSource pairs() {
    return adapter.tensors();
  }

  @Override
  public void close() {
    adapter.close();
  }
}
