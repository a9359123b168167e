package io.lorashear.torch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What is asked of single columns, against plain numbers. */
class ColumnKernelsTest {
  private static double[][] random(Random random, int rows, int columns) {
    var x = new double[rows][columns];
    for (var row : x) {
      for (int j = 0; j < columns; j++) {
        row[j] = (float) random.nextGaussian();
      }
    }
    return x;
  }

  private static NDArray array(NDManager scope, double[][] x) {
    var flat = new float[x.length * x[0].length];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = (float) x[i / x[0].length][i % x[0].length];
    }
    return scope.create(flat, new Shape(x.length, x[0].length));
  }

  @Property(tries = 30)
  void whatAGroupCostsIsTheLeastThatTheOthersLeave(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 3) int size) {
    int in = 3 * size + (size == 1 ? 4 : 0);
    var x = random(random, 40, in);
    var w = random(random, 5, in);
    var columns = new long[in / size][size];
    for (int j = 0; j < in; j++) {
      columns[j / size][j % size] = j;
    }
    try (var scope = NDManager.newBaseManager("PyTorch")) {
      var h = scope.zeros(new Shape(in, in));
      LeastSquares.addMoments(h, array(scope, x));
      var losses =
          LeastSquares.losses(scope, array(scope, w), h, scope.create(columns), 0.05)
              .toDoubleArray();
      for (int g = 0; g < losses.length; g++) {
        double expected = PlainAlgebra.leastLoss(w, x, g, size, 0.05);
        assertThat(losses[g]).isCloseTo(expected, within(1e-4 * expected));
      }
    }
  }

  @Test
  void aVarianceBesideALargeMeanKeepsItsDigits() {
    var random = new Random(3);
    try (var scope = NDManager.newBaseManager("PyTorch")) {
      var sums = ColumnSums.zero(scope, 2);
      double sum = 0;
      double squares = 0;
      for (int n = 0; n < 10; n++) {
        var x = random(random, 50, 2);
        for (var row : x) {
          row[1] = (float) (1000 + 0.01 * row[1]);
          sum += row[1];
          squares += (row[1] - 1000) * (row[1] - 1000);
        }
        sums.add(array(scope, x).reshape(new Shape(5, 10, 2)));
      }
      double mean = sum / 500;
      double variance = squares / 500 - (mean - 1000) * (mean - 1000);
      double ours =
          sums.squares().toDoubleArray()[1] / 500
              - Math.pow(sums.sum().toDoubleArray()[1] / 500, 2);
      assertThat(sums.sum().toDoubleArray()[1]).isCloseTo(sum, within(1e-6));
      assertThat(ours).isCloseTo(variance, within(1e-3 * variance));
    }
  }

  @Test
  void productsOfRowsAndColumnsCancelInsideAVectorAlone() {
    try (var scope = NDManager.newBaseManager("PyTorch")) {
      var x = array(scope, new double[][] {{1, 2}, {3, 4}, {5, 6}});
      var y = array(scope, new double[][] {{1, -1}, {2, 1}, {-1, -1}});
      var rows = new GroupedTensor(x, 0, scope.create(new long[] {0, 1, 0}));
      var columns = new GroupedTensor(x, 1, scope.create(new long[] {2, 1})); // 2: nobody's
      var byRow = AxisKernels.absoluteVectorProducts(scope, List.of(rows), List.of(y), 2);
      var byColumn = AxisKernels.absoluteVectorProducts(scope, List.of(columns), List.of(y), 2);
      assertThat(byRow.toFloatArray()).containsExactly(1 + 11, 10); // |1 − 2|, |−5 − 6|; |6 + 4|
      assertThat(byColumn.toFloatArray()).containsExactly(0, 4); // |−2 + 4 − 6|
    }
  }
}
