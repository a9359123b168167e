package io.lorashear.spark.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.InputException;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.LossReport.SourceLoss;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SamplingWeightsTest {

  @Test
  void theRuleByHand() {
    var deviation = deviation(List.of(Math.log(3), 0.0));
    var adapted = SamplingWeights.uniform(List.of("s00", "s01")).adapted(deviation, 1, 0.2);
    // 1/2·3 : 1/2·1 = 3/4 : 1/4, then 0.8·3/4 + 0.1 and 0.8·1/4 + 0.1
    assertThat(adapted.shares().get("s00")).isCloseTo(0.7, within(1e-12));
    assertThat(adapted.shares().get("s01")).isCloseTo(0.3, within(1e-12));
  }

  @Test
  void whatASequenceRecoveredByHand() {
    var start = SamplingWeights.uniform(List.of("books", "new", "tasks", "web"));
    var gains = Map.of("books", 0.1, "tasks", -0.2, "web", 0.3);
    var drawn = Map.of("books", 10L, "tasks", 10L, "web", 60L);
    var shares = start.recovered(gains, drawn, 0.2).shares();
    // 0.1/10 : 0.3/60 = 2/3 : 1/3; tasks lost, and nothing was drawn from the new source
    assertThat(shares.get("books")).isCloseTo(0.8 * 2 / 3 + 0.05, within(1e-12));
    assertThat(shares.get("web")).isCloseTo(0.8 / 3 + 0.05, within(1e-12));
    assertThat(shares.get("tasks")).isCloseTo(0.05, within(1e-12));
    assertThat(shares.get("new")).isCloseTo(0.05, within(1e-12));
  }

  @Test
  void whereNothingRecoveredTheWeightsStay() {
    var start = SamplingWeights.normalised(Map.of("books", 1.0, "web", 3.0));
    var gains = Map.of("books", -0.1, "web", 0.0);
    assertThat(start.recovered(gains, Map.of("books", 5L, "web", 5L), 0.2)).isEqualTo(start);
  }

  @Property(tries = 300)
  void weightsSumToOneAndNoneIsBelowTheFloor(
      @ForAll("deviations") List<Double> deltas,
      @ForAll @DoubleRange(min = 0, max = 5) double eta,
      @ForAll @DoubleRange(min = 0, max = 1) double floor) {
    var weights = start(deltas.size()).adapted(deviation(deltas), eta, floor).shares().values();
    assertThat(weights.stream().mapToDouble(w -> w).sum()).isCloseTo(1, within(1e-9));
    assertThat(weights)
        .allSatisfy(w -> assertThat(w).isGreaterThanOrEqualTo(floor / deltas.size() - 1e-12));
  }

  @Property(tries = 300)
  void fromEqualWeightsTheMoreASourceDeviatesTheMoreItGets(
      @ForAll("deviations") List<Double> deltas,
      @ForAll @DoubleRange(min = 0, max = 5) double eta) {
    var shares = start(deltas.size()).adapted(deviation(deltas), eta, 0.1).shares();
    for (int i = 0; i < deltas.size(); i++) {
      for (int j = 0; j < deltas.size(); j++) {
        if (deltas.get(i) >= deltas.get(j)) {
          assertThat(shares.get(name(i))).isGreaterThanOrEqualTo(shares.get(name(j)));
        }
      }
    }
  }

  @Property(tries = 300)
  void quotasSumToTheTotalAndAreWithinOneOfTheirShare(
      @ForAll("deviations") List<Double> deltas, @ForAll @IntRange(max = 100_000) int total) {
    var weights = start(deltas.size()).adapted(deviation(deltas), 1, 0.1);
    var quotas = weights.quotas(total);
    assertThat(quotas.values().stream().mapToLong(q -> q).sum()).isEqualTo(total);
    weights
        .shares()
        .forEach(
            (s, w) ->
                assertThat((double) quotas.getOrDefault(s, -9L)).isCloseTo(w * total, within(1.0)));
  }

  @Property(tries = 100)
  void twoRoundsMultiply(@ForAll("deviations") List<Double> deltas) {
    var once = start(deltas.size()).adapted(deviation(deltas), 2, 0);
    var twice =
        start(deltas.size()).adapted(deviation(deltas), 1, 0).adapted(deviation(deltas), 1, 0);
    once.shares().forEach((s, w) -> assertThat(twice.shares().get(s)).isCloseTo(w, within(1e-9)));
  }

  /** What LLM-Shearing's update_proportion gives with its numbers: log w + Δ, softmax, smoothed. */
  @Test
  void dynamicLoadingIsShearedLlamas() {
    var prior = SamplingWeights.normalised(Map.of("cc", 0.67, "book", 0.33));
    var signed =
        PerplexityDeviation.signed(
            Map.of("cc", 1.8712, "book", 2.0325), Map.of("cc", 2.0, "book", 1.9));
    double cc = 0.67 * Math.exp(2.0 - 1.8712);
    double book = 0.33 * Math.exp(1.9 - 2.0325);
    var loaded = prior.loaded(signed);
    assertThat(loaded.of("book"))
        .isCloseTo((1 - 1e-4) * book / (cc + book) + 1e-4 / 2, within(1e-12));
    assertThat(loaded.of("book")).isLessThan(0.33);
    assertThat(PerplexityDeviation.of(Map.of("book", 2.0), Map.of("book", 1.9, "new", 3.0)))
        .isEqualTo(new PerplexityDeviation(new TreeMap<>(Map.of("book", 0.0, "new", 0.0))));
  }

  @Property(tries = 200)
  void dynamicLoadingSumsToOneAndForgetsNobody(@ForAll("deviations") List<Double> deltas) {
    var signs = new TreeMap<String, Double>();
    for (int i = 0; i < deltas.size(); i++) {
      signs.put(name(i), i % 2 == 0 ? deltas.get(i) : -deltas.get(i));
    }
    var shares = start(deltas.size()).loaded(new PerplexityDeviation(signs)).shares().values();
    assertThat(shares.stream().mapToDouble(w -> w).sum()).isCloseTo(1, within(1e-9));
    assertThat(shares).allMatch(w -> w >= 1e-4 / deltas.size() - 1e-12);
  }

  @Test
  void sharesMayStartAsTheSizesAre() {
    assertThat(SamplingWeights.proportional(Map.of("a", 30L, "b", 10L)).shares())
        .containsEntry("a", 0.75)
        .containsEntry("b", 0.25);
  }

  @Test
  void theMostDamagedSourceGetsTheLargestShareAndBetterOnesCountAsUndamaged() {
    var dense = report(2, 100, 200, 300);
    var pruned = report(2, 150, 350, 250);
    var deviation = PerplexityDeviation.of(dense, pruned);
    assertThat(deviation.byGroup()).containsOnlyKeys("s00", "s01", "s02");
    assertThat(deviation.byGroup().get("s00")).isCloseTo(0.5, within(1e-12));
    assertThat(deviation.byGroup().get("s01")).isCloseTo(1.5, within(1e-12));
    assertThat(deviation.byGroup().get("s02")).isZero();
    var shares = start(3).adapted(deviation, 1, 0.15).shares();
    assertThat(shares.get("s01")).isGreaterThan(shares.get("s00"));
    assertThat(shares.get("s00")).isGreaterThan(shares.get("s02"));
  }

  @Test
  void reportsOfOtherRowsAreRefused() {
    assertThatThrownBy(() -> PerplexityDeviation.of(report(2, 1), report(3, 1)))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the two loss reports are not about the same rows: seed is 2 for the dense model and 3"
                + " for the pruned one; run perplexity for both with the same settings");
  }

  @Test
  void aSourceWithoutLossesIsNamed() {
    assertThatThrownBy(() -> start(3).adapted(deviation(List.of(1.0)), 1, 0.1))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the loss reports say nothing about s01: run perplexity on a corpus that has it");
  }

  @Provide
  Arbitrary<List<Double>> deviations() {
    return Arbitraries.doubles().between(0, 800).list().ofMinSize(1).ofMaxSize(12);
  }

  private static SamplingWeights start(int sources) {
    var weights = new TreeMap<String, Double>();
    for (int i = 0; i < sources; i++) {
      weights.put(name(i), 1.0);
    }
    return SamplingWeights.normalised(weights);
  }

  private static PerplexityDeviation deviation(List<Double> deltas) {
    var byGroup = new TreeMap<String, Double>();
    for (int i = 0; i < deltas.size(); i++) {
      byGroup.put(name(i), deltas.get(i));
    }
    return new PerplexityDeviation(byGroup);
  }

  private static LossReport report(long seed, double... losses) {
    var sources = new java.util.ArrayList<SourceLoss>();
    for (int i = 0; i < losses.length; i++) {
      sources.add(new SourceLoss(name(i), 10, 100, losses[i]));
    }
    return new LossReport("model", "corpus", "validation", 10, seed, sources, List.of());
  }

  private static String name(int i) {
    return "s%02d".formatted(i);
  }
}
