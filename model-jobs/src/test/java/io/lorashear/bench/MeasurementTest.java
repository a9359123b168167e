package io.lorashear.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MeasurementTest {
  private static final Repetitions OURS =
      new Repetitions(List.of(3.0, 2.0, 8.0, 4.0), List.of(1.5, 2.0, 3.0, 2.0));
  private static final Repetitions LIMIT =
      new Repetitions(List.of(1.9, 5.0, 1.6), List.of(1.9, 1.2, 1.6));

  @Test
  void bestMedianAndSlowest() {
    assertThat(OURS.best()).isEqualTo(2);
    assertThat(OURS.median()).isEqualTo(3.5);
    assertThat(OURS.slowest()).isEqualTo(8);
    assertThat(LIMIT.median()).isEqualTo(1.9);
  }

  @Test
  void theFractionComparesTheBest() {
    var measured = measurement(LIMIT);
    assertThat(measured.fraction()).isCloseTo(0.8, within(1e-12));
    var json = measured.toJson();
    assertThat(json.path("tokens_per_second").asDouble()).isEqualTo(50);
    assertThat(json.path("median_tokens_per_second").asDouble()).isEqualTo(100 / 3.5);
    assertThat(json.path("slowest_tokens_per_second").asDouble()).isEqualTo(12.5);
    assertThat(json.path("limit_tokens_per_second").asDouble()).isEqualTo(62.5);
    assertThat(json.path("fraction_of_limit").asDouble()).isCloseTo(0.8, within(1e-12));
    assertThat(json.path("fraction_of_limit_processor_time").asDouble())
        .isCloseTo(0.8, within(1e-12));
    assertThat(json.path("peak_rss_bytes").asLong()).isEqualTo(2_000_000);
    assertThat(json.path("rows").asInt()).isEqualTo(2);
    assertThat(json.path("seconds")).hasSize(4);
    assertThat(json.path("limit_seconds")).hasSize(3);
    assertThat(measured.table()).contains("fraction of the limit", "0.800", "2.0 MB", "62.5");
  }

  @Test
  void withoutALimitThereIsNoFraction() {
    assertThat(measurement(null).toJson().has("fraction_of_limit")).isFalse();
    assertThat(measurement(null).table()).doesNotContain("fraction");
  }

  private static Measurement measurement(Repetitions limit) {
    return new Measurement(
        Workload.TRAIN,
        100,
        OURS,
        "products",
        limit,
        OptionalLong.of(2_000_000),
        Map.of("rows", 2));
  }

  @Test
  void workTakesTurns() {
    var order = new ArrayList<String>();
    var times =
        Repetitions.alternating(3, List.of(() -> order.add("ours"), () -> order.add("limit")));
    assertThat(order).containsExactly("ours", "limit", "ours", "limit", "ours", "limit");
    assertThat(times).allSatisfy(each -> assertThat(each.seconds()).hasSize(3));
  }

  @Test
  void whatIsDoneInTurnTakesAsLongAsAllOfIt() {
    var again = new Repetitions(List.of(1.0, 1.5, 2.0, 0.5), List.of(0.5, 0.5, 1.0, 0.25));
    var together = Repetitions.together(List.of(OURS, again));
    assertThat(together.seconds()).containsExactly(4.0, 3.5, 10.0, 4.5);
    assertThat(together.processorSeconds()).containsExactly(2.0, 2.5, 4.0, 2.25);
  }
}
