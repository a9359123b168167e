package io.lorashear.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Operator.Rotary;
import io.lorashear.graph.RotaryTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A text that grows: what attention needs of earlier tokens (their keys and values) is kept, so a
 * further token costs one position, not the whole text again. Memory: 2 × layers × key-value heads
 * × head dimension numbers a token. Where a model has a second list of rotary frequencies for long
 * texts, a text that becomes long is seen once more from its beginning; see {@link RotaryTable}.
 * One thread at a time.
 */
public final class Continuation implements AutoCloseable {
  private final NDManager manager;
  private final WorkingWeights weights;
  private final TorchModule module;
  private final int[] turns; // lengths up to which keys are turned in one way
  private final int attentions;
  private List<NDArray> memory;
  private int[] seen = {};

  Continuation(ModelGraph graph, NDManager models, WorkingWeights weights, Precision precision) {
    this.manager = models.newSubManager();
    this.weights = weights;
    this.module =
        TorchModule.of(
            TorchCompiler.model(graph, Arrangement.CONTINUED, precision) + EntryPoints.continued());
    this.attentions =
        (int) graph.nodes().stream().filter(node -> node.operator() instanceof Attention).count();
    this.turns =
        graph.nodes().stream()
            .flatMap(node -> node.operator() instanceof Rotary r ? Stream.of(r.table()) : null)
            .filter(RotaryTable::changes)
            .mapToInt(RotaryTable::length)
            .distinct()
            .toArray();
    this.memory = nothing();
  }

  /** Arrays that join with anything. */
  private List<NDArray> nothing() {
    return IntStream.range(0, Math.max(1, 2 * attentions))
        .mapToObj(i -> manager.create(new Shape(0)))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  /** Tokens seen so far. */
  public int length() {
    return seen.length;
  }

  /** Goes on with at least one token; logits after the last of them: (vocabulary,). */
  public float[] logits(int... ids) {
    int before = seen.length;
    seen = Arrays.copyOf(seen, before + ids.length);
    System.arraycopy(ids, 0, seen, before, ids.length);
    boolean anew = Arrays.stream(turns).anyMatch(turn -> before <= turn && seen.length > turn);
    if (anew) {
      memory.forEach(NDArray::close);
      memory = nothing();
    }
    return logits(anew ? 0 : before);
  }

  /** Goes on from what is kept of the first {@code past} tokens. */
  private float[] logits(int past) {
    var row = Arrays.stream(seen).skip(past).asLongStream().toArray();
    try (var scope = manager.newSubManager()) {
      var call = module.call(scope, "continued").with(scope.create(row, new Shape(1, row.length)));
      var results = call.with((long) past).with(weights.current()).with(memory).run();
      memory.forEach(NDArray::close);
      memory = new ArrayList<>(results.subList(1, results.size()));
      memory.forEach(array -> array.attach(manager));
      return results.get(0).toFloatArray();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
