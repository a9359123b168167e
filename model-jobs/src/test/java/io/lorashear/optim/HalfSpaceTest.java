package io.lorashear.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import io.lorashear.device.PyTorch;
import io.lorashear.torch.kernel.HalfSpaceKernels;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class HalfSpaceTest {
  /** Three rows of which the second belongs to no group, and a pair of rank 2 beside them. */
  @Property(tries = 100)
  void decidesAsTheTrialPointItselfWould(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 40) int left,
      @ForAll @DoubleRange(min = 0, max = 0.99) double epsilon) {
    var random = new Random(seed);
    var x = numbers(random, 3 * 7);
    var a = numbers(random, 2 * 7);
    var b = numbers(random, 3 * 2);
    try (var scope = PyTorch.engine().newBaseManager()) {
      var weight = scope.create(x, new Shape(3, 7));
      var slice =
          new HalfSpaceKernels.Slice(
              weight,
              scope.create(new long[] {0, 2}),
              scope.create(new long[] {0, 1}),
              scope.create(a, new Shape(2, 7)),
              scope.create(b, new Shape(3, 2)));
      var axis = new HalfSpaceKernels.Axis(List.of(slice), 2, false);
      var leaves =
          HalfSpaceKernels.project(
              scope, List.of(axis), HalfSpace.keep(left), epsilon, 0.5, left == 1);
      assertThat(leaves).hasSize(2);
      var after = weight.toFloatArray();
      for (int row = 0; row < 3; row++) {
        var trial = trial(x, a, b, row, left);
        double margin = 0;
        for (int j = 0; j < 7; j++) {
          margin += (trial[j] - epsilon * x[7 * row + j]) * x[7 * row + j];
        }
        boolean leaving = row != 1 && leaves[row / 2] > 0;
        if (row != 1 && Math.abs(margin) > 1e-5) {
          assertThat(leaving).isEqualTo(left == 1 || margin < 0);
        }
        for (int j = 0; j < 7; j++) {
          double expected = row == 1 ? x[7 * row + j] : leaving ? 0 : trial[j];
          assertThat((double) after[7 * row + j]).isCloseTo(expected, within(1e-5));
        }
      }
    }
  }

  /** Equation 2 as it is printed. */
  private static double[] trial(float[] x, float[] a, float[] b, int row, int left) {
    double norm = 0;
    for (int j = 0; j < 7; j++) {
      norm += x[7 * row + j] * x[7 * row + j];
    }
    norm = Math.sqrt(norm);
    double lambda = norm / left;
    var trial = new double[7];
    for (int j = 0; j < 7; j++) {
      double update = 0.5 * (b[2 * row] * a[j] + b[2 * row + 1] * a[7 + j]);
      trial[j] = x[7 * row + j] + update - lambda * x[7 * row + j] / norm;
    }
    return trial;
  }

  private static float[] numbers(Random random, int count) {
    var numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = random.nextFloat() - 0.5f;
    }
    return numbers;
  }

  @Property(tries = 50)
  void keepingTelescopesToAStraightLine(@ForAll @IntRange(min = 2, max = 50) int period) {
    double kept = 1;
    for (int t = 0; t < period; t++) {
      kept *= HalfSpace.keep(period - t);
      assertThat(kept).isCloseTo(1 - (t + 1.0) / period, within(1e-12));
    }
  }
}
