package io.lorashear.spark.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.corpus.SoftTargets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class JensenShannonTest {

  @Test
  void twoPredictionsByHand() {
    var p = named(new int[] {7, 3}, 0.5, 0.25);
    var q = named(new int[] {3, 9}, 0.75, 0.2);
    // both name 3 alone: (0.25, 0.75) and (0.75, 0.25)
    double half = 0.25 * Math.log(0.25 / 0.5) + 0.75 * Math.log(0.75 / 0.5);
    assertThat(JensenShannon.sum(p, q)).isCloseTo(half, within(1e-6));
    var apart = named(new int[] {3}, 1);
    // nothing in common, so nothing is known to differ
    assertThat(JensenShannon.sum(named(new int[] {7}, 1), apart)).isCloseTo(0, within(1e-9));
  }

  @Property(tries = 200)
  void ofWholeDistributionsItIsExactAndOfFewTokensALowerBound(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int top) {
    var random = new Random(seed);
    var p = drawn(random);
    var q = drawn(random);
    double exact = 0;
    for (int v = 0; v < p.length; v++) {
      double m = (p[v] + q[v]) / 2;
      exact += (p[v] * Math.log(p[v] / m) + q[v] * Math.log(q[v] / m)) / 2;
    }
    assertThat(JensenShannon.sum(likeliest(p, 12), likeliest(q, 12)))
        .isCloseTo(exact, within(1e-5));
    double bound = JensenShannon.sum(likeliest(p, top), likeliest(q, top));
    assertThat(bound).isBetween(-1e-6, exact + 1e-5).isLessThan(Math.log(2));
    assertThat(JensenShannon.sum(likeliest(q, top), likeliest(p, top)))
        .isCloseTo(bound, within(1e-9));
    assertThat(JensenShannon.sum(likeliest(p, top), likeliest(p, top))).isCloseTo(0, within(1e-9));
  }

  private static double[] drawn(Random random) {
    var weights = IntStream.range(0, 12).mapToDouble(v -> Math.exp(2 * random.nextGaussian()));
    var masses = weights.toArray();
    double sum = Arrays.stream(masses).sum();
    return Arrays.stream(masses).map(mass -> mass / sum).toArray();
  }

  private static SoftTargets likeliest(double[] p, int top) {
    var order = IntStream.range(0, p.length).boxed().sorted(Comparator.comparing(v -> -p[v]));
    var ids = order.limit(top).mapToInt(v -> v).toArray();
    return named(ids, Arrays.stream(ids).mapToDouble(v -> p[v]).toArray());
  }

  private static SoftTargets named(int[] ids, double... probabilities) {
    var logs = new float[ids.length];
    for (int k = 0; k < logs.length; k++) {
      logs[k] = (float) Math.log(probabilities[k]);
    }
    float tail = (float) Math.log(Math.max(1 - Arrays.stream(probabilities).sum(), 0));
    return new SoftTargets(ids.length, ids, logs, new float[] {tail});
  }
}
