package io.lorashear.compensate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lorashear.compensate.ReadingMatrix.Route;
import io.lorashear.graph.Value;
import io.lorashear.torch.BlockWalk;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Chunk;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.ColumnSums;
import io.lorashear.torch.kernel.LeastSquares;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What matrices read when rows go through a model as it is at each call. */
public final class Inputs {
  private interface Taps {
    /** Hands over what {@code values} are for each batch, (B, T, features) each. */
    void each(List<Value> values, Consumer<List<NDArray>> taken);
  }

  private final NDManager manager;
  private final Chunk chunk;
  private final Taps taps;

  /**
   * Of all of {@code model}.
   *
   * @param batches token ids (B, T) of each
   */
  public Inputs(TorchModel model, List<int[][]> batches) {
    this.manager = model.manager();
    this.chunk = model.chunk();
    this.taps =
        (values, taken) -> {
          for (var ids : values.isEmpty() ? List.<int[][]>of() : batches) {
            try (var pass = model.manager().newSubManager()) {
              taken.accept(model.taps(pass, model.ids(pass, ids), values));
            }
          }
        };
  }

  /** Of matrices of the block that {@code walk} stands before. */
  public Inputs(TorchModel model, BlockWalk walk) {
    this.manager = model.manager();
    this.chunk = model.chunk();
    this.taps =
        (values, taken) -> {
          if (!values.isEmpty()) {
            walk.together(values, taken);
          }
        };
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

  /**
   * What {@code matrices} read, by the value; what an expert's reads, times the weight of its route
   * and over all tokens, 0 where a token goes elsewhere.
   */
  public Map<Value, Statistics> statistics(List<ReadingMatrix> matrices) {
    try (var scope = manager.newSubManager()) {
      var sums = new LinkedHashMap<Value, ColumnSums>();
      var rows = new LinkedHashMap<Value, Long>();
      var values = new LinkedHashSet<Value>();
      for (var matrix : matrices) {
        sums.computeIfAbsent(matrix.input(), key -> ColumnSums.zero(scope, matrix.width()));
        values.add(matrix.input());
        if (matrix.route() != null) {
          values.add(matrix.route().weights());
        }
      }
      var order = List.copyOf(values);
      taps.each(
          order,
          found -> {
            var added = new HashSet<Value>();
            for (var matrix : matrices) {
              if (added.add(matrix.input())) {
                var x = found.get(order.indexOf(matrix.input()));
                var sum = Objects.requireNonNull(sums.get(matrix.input()));
                rows.merge(matrix.input(), add(sum, x, matrix.route(), order, found), Long::sum);
              }
            }
          });
      var statistics = new LinkedHashMap<Value, Statistics>();
      sums.forEach((value, sum) -> statistics.put(value, mean(sum, rows.getOrDefault(value, 0L))));
      return statistics;
    }
  }

  /** How many rows were added, those an expert does not get among them. */
  private static long add(
      ColumnSums sum, NDArray x, @Nullable Route route, List<Value> order, List<NDArray> found) {
    if (route == null) {
      sum.add(x);
      return rows(x);
    }
    var weights = found.get(order.indexOf(route.weights())); // (B, T, experts)
    sum.add(x, weights, route.expert());
    return rows(weights);
  }

  private static long rows(NDArray x) {
    return x.size() / x.getShape().get(x.getShape().dimension() - 1);
  }

  private static Statistics mean(ColumnSums sums, long rows) {
    var mean = divided(sums.sum(), Math.max(1, rows));
    return new Statistics(rows, mean, divided(sums.squares(), Math.max(1, rows)));
  }

  private static double[] divided(NDArray sums, long n) {
    return Arrays.stream(HostArrays.doubles(sums)).map(sum -> sum / n).toArray();
  }

  /** {@code Σ xᵀx} of what {@code matrices} read, by the value: float64 (in, in) each. */
  public Map<Value, NDArray> moments(NDManager scope, List<ReadingMatrix> matrices) {
    var moments = new LinkedHashMap<Value, NDArray>();
    for (var matrix : matrices) {
      var square = new Shape(matrix.width(), matrix.width());
      moments.computeIfAbsent(matrix.input(), key -> scope.zeros(square, DataType.FLOAT64));
    }
    var sums = List.copyOf(moments.values());
    taps.each(
        List.copyOf(moments.keySet()),
        found -> {
          for (int i = 0; i < sums.size(); i++) {
            LeastSquares.addMoments(sums.get(i), found.get(i));
          }
        });
    return moments;
  }

  /**
   * Hands over {@link #moments} for each of {@code matrices}. They are held for as many matrices at
   * a time as {@link Chunk#moments} allows, at least one; the rows go through the model once for
   * each such share.
   */
  public void byShares(List<ReadingMatrix> matrices, BiConsumer<ReadingMatrix, NDArray> taken) {
    var due = new ArrayList<>(matrices);
    while (!due.isEmpty()) {
      int most = 1;
      long numbers = square(due.get(0));
      while (most < due.size() && numbers + square(due.get(most)) <= chunk.moments()) {
        numbers += square(due.get(most++));
      }
      var share = due.subList(0, most);
      try (var scope = manager.newSubManager()) {
        var moments = moments(scope, share);
        share.forEach(
            matrix -> taken.accept(matrix, Objects.requireNonNull(moments.get(matrix.input()))));
      }
      share.clear();
    }
  }

  private static long square(ReadingMatrix matrix) {
    return (long) matrix.width() * matrix.width();
  }

  /** Σ‖r·W x‖² over the tokens that each of {@code matrices}, all of experts, is sent. */
  public Map<ReadingMatrix, Double> contributions(List<ReadingMatrix> matrices) {
    var squares = new LinkedHashMap<ReadingMatrix, Double>();
    var said = matrices.stream().map(each -> Objects.requireNonNull(each.route()).said()).toList();
    taps.each(
        said,
        found -> {
          for (int i = 0; i < found.size(); i++) {
            squares.merge(matrices.get(i), squares(found.get(i)), Double::sum);
          }
        });
    return squares;
  }

  private static double squares(NDArray x) {
    try (var pass = x.getManager().newSubManager()) {
      var sums = ColumnSums.zero(pass, Math.toIntExact(x.size() / rows(x)));
      sums.add(x);
      return Arrays.stream(HostArrays.doubles(sums.squares())).sum();
    }
  }
}
