package io.lorashear.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Attention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A text that grows: what attention needs of earlier tokens (their keys and values) is kept, so a
 * further token costs one position, not the whole text again. Memory: 2 × layers × key-value heads
 * × head dimension numbers a token. One thread at a time.
 */
public final class Continuation implements AutoCloseable {
  private final NDManager manager;
  private final WorkingWeights weights;
  private final TorchModule module;
  private List<NDArray> memory = new ArrayList<>();
  private int length;

  Continuation(ModelGraph graph, NDManager models, WorkingWeights weights, Precision precision) {
    this.manager = models.newSubManager();
    this.weights = weights;
    this.module =
        TorchModule.of(
            TorchCompiler.model(graph, Arrangement.CONTINUED, precision) + EntryPoints.continued());
    long attentions =
        graph.nodes().stream().filter(node -> node.operator() instanceof Attention).count();
    for (int i = 0; i < Math.max(1, 2 * attentions); i++) {
      memory.add(manager.create(new Shape(0))); // joins with anything
    }
  }

  /** Tokens seen so far. */
  public int length() {
    return length;
  }

  /** Goes on with at least one token; logits after the last of them: (vocabulary,). */
  public float[] logits(int... ids) {
    var row = Arrays.stream(ids).asLongStream().toArray();
    try (var scope = manager.newSubManager()) {
      var call = module.call(scope, "continued").with(scope.create(row, new Shape(1, row.length)));
      var results = call.with((long) length).with(weights.current()).with(memory).run();
      memory.forEach(NDArray::close);
      memory = new ArrayList<>(results.subList(1, results.size()));
      memory.forEach(array -> array.attach(manager));
      length += ids.length;
      return results.get(0).toFloatArray();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
