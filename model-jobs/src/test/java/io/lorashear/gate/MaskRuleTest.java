package io.lorashear.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class MaskRuleTest {
  private static final double STEP = 1e-5;
  private static final int POINTS = 200_000;

  @Property(tries = 500)
  void theHardConcreteSlopeIsTheDifferenceOnBothSides(
      @ForAll @DoubleRange(min = -4.6, max = 4.6) double logAlpha,
      @ForAll @DoubleRange(min = 0.01, max = 0.99) double u,
      @ForAll @DoubleRange(min = 0.2, max = 1) double beta) {
    var rule = new HardConcrete(beta);
    double below = rule.factor(logAlpha - STEP, u);
    double above = rule.factor(logAlpha + STEP, u);
    boolean bounded = below == 0 || above == 1;
    double difference = (above - below) / (2 * STEP);
    if (!bounded) {
      assertThat(rule.slope(logAlpha, u)).isCloseTo(difference, within(1e-6));
    } else if (below == above) {
      assertThat(rule.slope(logAlpha, u)).isZero();
    }
  }

  /** By hand: s = σ((log(0.6/0.4) + 0.5)/0.5) = 0.86…, stretched by 1.2 and shifted by −0.1. */
  @Test
  void aDrawIsWhatItsEquationSays() {
    double s = 1 / (1 + Math.exp(-(Math.log(1.5) + 0.5) / 0.5));
    assertThat(new HardConcrete(0.5).factor(0.5, 0.6)).isCloseTo(1.2 * s - 0.1, within(1e-15));
    assertThat(new HardConcrete(0.5).factor(0.5, 1e-4)).isZero();
    assertThat(new HardConcrete(0.5).factor(0.5, 0.9999)).isEqualTo(1);
  }

  /** The share of all u between 0 and 1 whose draw is not 0, counted point by point. */
  @Test
  void theCountIsTheShareOfDrawsThatAreNotZero() {
    for (double logAlpha : new double[] {-3, -1.5, 0, 0.7, 2.5}) {
      for (double beta : new double[] {0.3, 2.0 / 3, 0.83}) {
        var rule = new HardConcrete(beta);
        int open = 0;
        for (int i = 0; i < POINTS; i++) {
          open += rule.factor(logAlpha, (i + 0.5) / POINTS) > 0 ? 1 : 0;
        }
        double closed = 1 / (1 + Math.exp(-(logAlpha - beta * Math.log(0.1 / 1.1))));
        assertThat((double) open / POINTS).isCloseTo(closed, within(2.0 / POINTS));
        assertThat(rule.open(logAlpha)).isCloseTo(closed, within(1e-12));
      }
    }
  }

  @Test
  void drawsAreOfTheDistributionAndOfTheirSeed() {
    var rule = new HardConcrete(2.0 / 3);
    var parameters = new float[50_000];
    Arrays.fill(parameters, 0.3f);
    var drawn = rule.factors(parameters, new SplittableRandom(5)).values();
    double open = Arrays.stream(drawn).filter(m -> m != 0).count() / 50_000.0;
    assertThat(open).isCloseTo(rule.open(0.3f), within(0.01)); // 5 standard deviations
    assertThat(rule.factors(parameters, new SplittableRandom(5)).values()).isEqualTo(drawn);
    assertThat(rule.factors(parameters, new SplittableRandom(6)).values()).isNotEqualTo(drawn);
  }

  @Property(tries = 300)
  void countsHaveTheSlopesOfTheirDifferences(
      @ForAll @DoubleRange(min = -4, max = 4) double logAlpha,
      @ForAll @DoubleRange(min = 0.2, max = 1) double beta) {
    var rule = new HardConcrete(beta);
    double difference = (rule.open(logAlpha + STEP) - rule.open(logAlpha - STEP)) / (2 * STEP);
    var counts = rule.counts(new float[] {(float) logAlpha}, 0);
    assertThat(counts.slopes()[0]).isCloseTo(difference, within(1e-6));
  }

  /** Inside the bounds the slope is the difference; at the bounds it goes straight through. */
  @Property(tries = 500)
  void theRectifiedGateAndItsCountHaveTheirSlopes(
      @ForAll @DoubleRange(min = -0.1, max = 2) double z,
      @ForAll @DoubleRange(min = 0, max = 1) double progress) {
    var rule = new RectifiedGate(0.5, 0.1, 1000);
    long step = Math.round(1000 * progress);
    float at = (float) z;
    double mu = 0.5 - 0.4 * Math.sqrt(step / 1000.0);
    var factors = rule.factors(new float[] {at}, new SplittableRandom(1));
    var counts = rule.counts(new float[] {at}, step);
    assertThat(factors.values()[0]).isEqualTo(at > 0 ? at : 0);
    assertThat(factors.slopes()[0]).isEqualTo(1);
    double count = unbounded(Math.max(0, at), mu);
    assertThat(counts.values()[0]).isCloseTo(count < 0 ? 0 : count > 1 ? 1 : count, within(1e-12));
    double difference =
        (unbounded(Math.max(0, at) + STEP, mu) - unbounded(Math.max(0, at) - STEP, mu))
            / (2 * STEP);
    assertThat(counts.slopes()[0]).isCloseTo(difference, within(1e-5));
  }

  private static double unbounded(double m, double mu) {
    double e = Math.exp(2.4 * (m - mu) / mu);
    return 1.2 * e / (1 + e) - 0.1;
  }

  @Test
  void theRectifiedGateBeginsOpenAndShutsBelowZero() {
    var rule = new RectifiedGate(0.5, 0.1, 100);
    var first = rule.first(1000, new SplittableRandom(3));
    double mean = 0;
    for (float z : first) {
      mean += z / 1000.0;
    }
    assertThat(mean).isCloseTo(1, within(0.002));
    assertThat(rule.counts(first, 0).values()[0]).isEqualTo(1);
    assertThat(rule.counts(new float[] {0}, 50).values()[0]).isZero();
    assertThat(rule.bounded(-3)).isEqualTo(-0.1);
    assertThat(rule.mean(0)).isEqualTo(0.5);
    assertThat(rule.mean(100)).isCloseTo(0.1, within(1e-15));
  }
}
