package io.lorashear.compensate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lorashear.graph.Value;
import io.lorashear.torch.BlockWalk;
import io.lorashear.torch.ColumnSums;
import io.lorashear.torch.LeastSquares;
import io.lorashear.torch.TorchModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;

/** What matrices read when rows go through a model as it is at each call. */
public final class Inputs {
  private interface Taps {
    /** Hands over what each of {@code values} is for each batch: (B, T, features). */
    void each(List<Value> values, BiConsumer<Value, NDArray> taken);
  }

  private final NDManager manager;
  private final Taps taps;

  /**
   * Of all of {@code model}.
   *
   * @param batches token ids (B, T) of each
   */
  public Inputs(TorchModel model, List<int[][]> batches) {
    this.manager = model.manager();
    this.taps =
        (values, taken) -> {
          for (var ids : batches) {
            try (var pass = model.manager().newSubManager()) {
              var found = model.taps(pass, model.ids(pass, ids), values);
              for (int i = 0; i < found.size(); i++) {
                taken.accept(values.get(i), found.get(i));
              }
            }
          }
        };
  }

  /** Of matrices of the block that {@code walk} stands before. */
  public Inputs(TorchModel model, BlockWalk walk) {
    this.manager = model.manager();
    this.taps = walk::taps;
  }

  /**
   * What one value is over all rows, feature by feature.
   *
   * <pre>
   *   mean = Σx/n     square = Σx²/n     variance = square − mean²
   * </pre>
   *
   * @param rows n; 0 where no token came by, as with an expert that none was sent to
   */
  @SuppressWarnings("ArrayRecordComponent") // read, never compared
  public record Statistics(long rows, double[] mean, double[] square) {
    /** Not below 0. */
    public double[] variance() {
      var variance = new double[mean.length];
      for (int j = 0; j < variance.length; j++) {
        variance[j] = Math.max(0, square[j] - mean[j] * mean[j]);
      }
      return variance;
    }
  }

  /** What {@code matrices} read, by the value. */
  public Map<Value, Statistics> statistics(List<ReadingMatrix> matrices) {
    try (var scope = manager.newSubManager()) {
      var sums = new LinkedHashMap<Value, ColumnSums>();
      var rows = new LinkedHashMap<Value, Long>();
      for (var matrix : matrices) {
        sums.computeIfAbsent(matrix.input(), key -> ColumnSums.zero(scope, matrix.width()));
      }
      taps.each(
          List.copyOf(sums.keySet()),
          (value, x) -> {
            Objects.requireNonNull(sums.get(value)).add(x);
            rows.merge(value, x.size() / x.getShape().get(x.getShape().dimension() - 1), Long::sum);
          });
      var statistics = new LinkedHashMap<Value, Statistics>();
      sums.forEach((value, sum) -> statistics.put(value, mean(sum, rows.getOrDefault(value, 0L))));
      return statistics;
    }
  }

  private static Statistics mean(ColumnSums sums, long rows) {
    long n = Math.max(1, rows);
    var mean = sums.sum().div(n).toDoubleArray();
    return new Statistics(rows, mean, sums.squares().div(n).toDoubleArray());
  }

  /** {@code Σ xᵀx} of what {@code matrices} read, by the value: (in, in) each. */
  public Map<Value, NDArray> moments(NDManager scope, List<ReadingMatrix> matrices) {
    var moments = new LinkedHashMap<Value, NDArray>();
    for (var matrix : matrices) {
      var square = new Shape(matrix.width(), matrix.width());
      moments.computeIfAbsent(matrix.input(), key -> scope.zeros(square, DataType.FLOAT32));
    }
    taps.each(
        List.copyOf(moments.keySet()),
        (value, x) -> LeastSquares.addMoments(Objects.requireNonNull(moments.get(value)), x));
    return moments;
  }
}
