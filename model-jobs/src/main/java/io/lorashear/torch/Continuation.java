package io.lorashear.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.RotaryTable;
import io.lorashear.torch.compile.Arrangement;
import io.lorashear.torch.compile.ModelText;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.engine.TorchModule;
import java.util.Arrays;
import java.util.List;

/**
 * Token-by-token inference with a key-value cache: the keys and values of earlier tokens are kept,
 * so each further token costs one position instead of the whole text. Memory: 2 × layers ×
 * key-value heads × head dimension numbers per token; a layer with a sliding window keeps no more
 * tokens than its window. Where a model has a second list of rotary frequencies for long texts, a
 * text that becomes long is processed once more from its beginning; see {@link RotaryTable}. Not
 * thread-safe.
 */
public final class Continuation implements AutoCloseable {
  private final NDManager manager;
  private final WorkingWeights weights;
  private final TorchModule module;
  private final Precision precision;
  private List<NDArray> past;

  Continuation(ModelGraph graph, NDManager models, WorkingWeights weights, Precision precision) {
    this.manager = models.newSubManager();
    this.weights = weights;
    this.precision = precision;
    this.module = TorchModule.of(ModelText.of(graph, Arrangement.CONTINUED, precision));
    this.past = nothing();
  }

  private List<NDArray> nothing() {
    return List.of(HostArrays.send(manager, new long[0], new Shape(1, 0)));
  }

  /** Starts over with an empty text. */
  public void forget() {
    past.forEach(NDArray::close);
    past = nothing();
  }

  /** Tokens seen so far. */
  public int length() {
    return (int) past.get(0).getShape().get(1);
  }

  /** Bytes of the cached keys and values; the token ids are not counted. */
  public long bytes() {
    return past.stream().skip(1).mapToLong(NDArray::size).sum() * precision.bytes();
  }

  /** Appends at least one token and returns the logits after the last: (vocabulary,). */
  public float[] logits(int... ids) {
    long[] row = Arrays.stream(ids).asLongStream().toArray();
    try (var scope = manager.newSubManager()) {
      var call =
          module
              .call(scope, "continued")
              .with(HostArrays.send(scope, row, new Shape(1, row.length)));
      var results = call.with(past).with(weights.current()).run();
      past.forEach(NDArray::close);
      past = List.copyOf(results.subList(1, results.size()));
      past.forEach(array -> array.attach(manager));
      return HostArrays.floats(results.get(0));
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
