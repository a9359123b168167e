package io.lorashear.graph;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Plain loops over matrices as rows of doubles. */
final class PlainRows {
  private PlainRows() {}

  static double[][] transposed(double[][] m) {
    return IntStream.range(0, m[0].length)
        .mapToObj(c -> IntStream.range(0, m.length).mapToDouble(r -> m[r][c]).toArray())
        .toArray(double[][]::new);
  }

  static double[][] map(double[][] x, DoubleUnaryOperator f) {
    return rows(x, row -> Arrays.stream(row).map(f).toArray());
  }

  static double[][] rows(double[][] x, UnaryOperator<double[]> f) {
    return Arrays.stream(x).map(f).toArray(double[][]::new);
  }

  /** {@code f} of every head of {@code width} numbers, results one after the other. */
  static double[][] each(double[][] x, int width, UnaryOperator<double[]> f) {
    return rows(
        x,
        row ->
            IntStream.range(0, row.length / width)
                .mapToObj(h -> f.apply(Arrays.copyOfRange(row, h * width, (h + 1) * width)))
                .flatMapToDouble(Arrays::stream)
                .toArray());
  }

  static double[][] zip(double[][] x, double[][] y, DoubleBinaryOperator f) {
    return IntStream.range(0, x.length)
        .mapToObj(
            t ->
                IntStream.range(0, x[t].length)
                    .mapToDouble(i -> f.applyAsDouble(x[t][i], y[t][i]))
                    .toArray())
        .toArray(double[][]::new);
  }
}
