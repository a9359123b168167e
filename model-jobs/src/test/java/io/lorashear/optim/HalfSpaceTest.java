package io.lorashear.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class HalfSpaceTest {
  @Property(tries = 200)
  void decidesAsTheTrialPointItselfWould(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 40) int left,
      @ForAll @DoubleRange(min = 0, max = 0.99) double epsilon) {
    var random = new Random(seed);
    var x = random.doubles(7).map(v -> v - 0.5).toArray();
    var update = random.doubles(7).map(v -> 2 * v - 1).toArray();
    double norm = Math.sqrt(dot(x, x));
    double lambda = norm / left;
    var trial = new double[7];
    for (int i = 0; i < 7; i++) {
      trial[i] = x[i] + update[i] - lambda * x[i] / norm;
    }
    double margin = dot(trial, x) - epsilon * norm * norm;
    if (Math.abs(margin) > 1e-9) {
      assertThat(new HalfSpace(epsilon).leaves(dot(x, x), dot(update, x), left))
          .isEqualTo(margin < 0);
    }
  }

  @Property(tries = 50)
  void keepingTelescopesToAStraightLine(@ForAll @IntRange(min = 2, max = 50) int period) {
    double kept = 1;
    for (int t = 0; t < period; t++) {
      kept *= HalfSpace.keep(period - t);
      assertThat(kept).isCloseTo(1 - (t + 1.0) / period, within(1e-12));
    }
  }

  @Property(tries = 20)
  void everyGroupLeavesAtTheDeadline(@ForAll @DoubleRange(min = 0, max = 9) double along) {
    assertThat(new HalfSpace(0).leaves(1, along, 1)).isTrue();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
