package io.lorashear.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class StatisticsTest {

  /** 2 (C(12,0) + C(12,1) + C(12,2)) / 2¹² by hand. */
  @Test
  void mcNemarIsTheBinomialTail() {
    assertThat(PairedTests.mcNemar(2, 10)).isCloseTo(2 * 79 / 4096.0, within(1e-12));
    assertThat(PairedTests.mcNemar(10, 2)).isCloseTo(2 * 79 / 4096.0, within(1e-12));
    assertThat(PairedTests.mcNemar(0, 0)).isEqualTo(1);
    assertThat(PairedTests.mcNemar(5, 5)).isEqualTo(1);
  }

  /** Student's own sleep data: t = −4.0621 on 9 degrees, p = 0.00283, as R prints it. */
  @Test
  void theTTestIsStudents() {
    double[] first = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
    double[] second = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
    assertThat(PairedTests.t(first, second)).isCloseTo(0.002833, within(1e-6));
    assertThat(PairedTests.t(first, first)).isEqualTo(1);
    assertThat(PairedTests.t(new double[] {1}, new double[] {2})).isEqualTo(1);
  }

  @Test
  void holmByHand() {
    assertThat(PairedTests.holm(new double[] {0.01, 0.04, 0.03, 0.005}))
        .containsExactly(new double[] {0.03, 0.06, 0.06, 0.02}, within(1e-12));
  }

  @Property(tries = 200)
  void holmNeverMakesSurerAndKeepsTheOrder(
      @ForAll @Size(min = 1, max = 9) List<@DoubleRange(max = 1) Double> values) {
    double[] p = values.stream().mapToDouble(v -> v).toArray();
    double[] adjusted = PairedTests.holm(p);
    for (int i = 0; i < p.length; i++) {
      assertThat(adjusted[i]).isBetween(p[i], 1.0);
      for (int j = 0; j < p.length; j++) {
        assertThat(p[i] < p[j] && adjusted[i] > adjusted[j]).isFalse();
      }
    }
  }

  /** The true mean, 0, is inside about 95 times of 100. */
  @Test
  void intervalsCoverTheTruthAsOftenAsTheyPromise() {
    var random = new Random(8);
    int covered = 0;
    for (int trial = 0; trial < 400; trial++) {
      double[] values = random.doubles(60, -1, 1).toArray();
      covered += new Bootstrap(400, trial).mean(values).excludesZero() ? 0 : 1;
    }
    assertThat(covered).isBetween(364, 392);
  }

  /** All of a document counts or none of it: two documents can only give three figures. */
  @Test
  void wholeThingsAreDrawn() {
    var interval = new Bootstrap(1000, 1).ratio(new double[] {10, 90}, new double[] {10, 30});
    assertThat(interval).isEqualTo(new Interval(1, 3));
  }

  @Property(tries = 100)
  void equalCallsGiveEqualIntervalsThatHoldTheFigure(
      @ForAll @IntRange(min = 20, max = 60) int count, @ForAll long seed) {
    var random = new Random(seed);
    double[] values = random.doubles(count).toArray();
    var bootstrap = new Bootstrap(300, seed);
    var interval = bootstrap.mean(values);
    assertThat(bootstrap.mean(values)).isEqualTo(interval);
    assertThat(Arrays.stream(values).average().orElseThrow())
        .isBetween(interval.low(), interval.high());
    assertThat(bootstrap.meanOfMeans(List.of(values))).isEqualTo(interval);
  }
}
