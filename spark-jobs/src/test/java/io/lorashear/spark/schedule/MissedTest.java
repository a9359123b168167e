package io.lorashear.spark.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MissedTest {
  private static final Times HOURLY = Times.of("0 * * * *", "UTC");
  private static final Instant TWO = Instant.parse("2026-01-01T02:00:00Z");

  @Test
  void threeHoursOfStandingStill() {
    var now = TWO.plus(Duration.ofMinutes(3 * 60 + 10));
    var hours = List.of(hour(3), hour(4), hour(5));
    assertThat(Missed.SKIP.due(HOURLY, TWO, now)).isEqualTo(new Missed.Due(List.of(), hours));
    assertThat(Missed.ONCE.due(HOURLY, TWO, now))
        .isEqualTo(new Missed.Due(List.of(hour(5)), List.of(hour(3), hour(4))));
    assertThat(Missed.ALL.due(HOURLY, TWO, now)).isEqualTo(new Missed.Due(hours, List.of()));
  }

  @Test
  void whatIsOnTimeIsNeverMissed() {
    for (var policy : Missed.values()) {
      var due = policy.due(HOURLY, TWO, hour(3).plusSeconds(59));
      assertThat(due).isEqualTo(new Missed.Due(List.of(hour(3)), List.of()));
    }
    assertThat(Missed.SKIP.due(HOURLY, TWO, hour(3).plusSeconds(60)).runs()).isEmpty();
  }

  @Property(tries = 200)
  void everyTimeIsDealtWithOnce(
      @ForAll Missed policy,
      @ForAll @IntRange(max = 3000) int minutes,
      @ForAll @IntRange(max = 59) int second) {
    var now = TWO.plus(Duration.ofMinutes(minutes)).plusSeconds(second);
    var due = policy.due(HOURLY, TWO, now);
    var all = new java.util.TreeSet<>(due.runs());
    all.addAll(due.left());
    assertThat(all).hasSize(due.runs().size() + due.left().size()).hasSize(minutes / 60);
    assertThat(all).allMatch(time -> time.isAfter(TWO) && !time.isAfter(now));
  }

  private static Instant hour(int hour) {
    return TWO.plus(Duration.ofHours(hour - 2L));
  }
}
