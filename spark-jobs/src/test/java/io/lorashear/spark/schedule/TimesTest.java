package io.lorashear.spark.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clocks in Berlin went forward at 2 on 2026-03-29 and back at 3 on 2026-10-25. */
class TimesTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  @Test
  void everyNight() {
    assertThat(next("30 2 * * *", "2026-01-30T12:00", 3))
        .containsExactly(
            "2026-01-31T02:30+01:00", "2026-02-01T02:30+01:00", "2026-02-02T02:30+01:00");
  }

  @Test
  void dayOfMonthOrWeekdayAsCronHasIt() {
    assertThat(next("0 3 13 * 5", "2026-01-08T00:00", 3))
        .containsExactly(
            "2026-01-09T03:00+01:00", "2026-01-13T03:00+01:00", "2026-01-16T03:00+01:00");
  }

  @Test
  void aTimeThatIsLeftOutInSpringComesWhenTheHourIsOver() {
    assertThat(next("30 2 * * *", "2026-03-28T12:00", 2))
        .containsExactly("2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00");
    assertThat(next("*/20 2 * * *", "2026-03-28T12:00", 2))
        .containsExactly("2026-03-29T03:00+02:00", "2026-03-30T02:00+02:00");
    assertThat(next("0 2,3 * * *", "2026-03-28T12:00", 2))
        .containsExactly("2026-03-29T03:00+02:00", "2026-03-30T02:00+02:00");
    assertThat(next("30 4 * * *", "2026-03-28T12:00", 1)).containsExactly("2026-03-29T04:30+02:00");
  }

  @Test
  void aTimeThatComesTwiceInAutumnIsTheFirst() {
    assertThat(next("30 2 * * *", "2026-10-24T12:00", 2))
        .containsExactly("2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00");
    assertThat(next("*/30 2 * * *", "2026-10-24T12:00", 3))
        .containsExactly(
            "2026-10-25T02:00+02:00", "2026-10-25T02:30+02:00", "2026-10-26T02:00+01:00");
  }

  @Test
  void everyHourIsAsHoursPass() {
    assertThat(next("30 * * * *", "2026-03-29T01:00", 2))
        .containsExactly("2026-03-29T01:30+01:00", "2026-03-29T03:30+02:00");
    assertThat(next("30 * * * *", "2026-10-25T02:00", 3))
        .containsExactly(
            "2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", "2026-10-25T03:30+01:00");
  }

  /** Whatever the minute and the hour, and whatever clocks do: once a date, and always later. */
  @Property(tries = 200)
  void aGivenTimeComesOnceADate(
      @ForAll @IntRange(max = 59) int minute,
      @ForAll @IntRange(max = 23) int hour,
      @ForAll @IntRange(min = 1, max = 300) int day) {
    var times = Times.of(minute + " " + hour + " * * *", "Europe/Berlin");
    var at =
        LocalDateTime.of(2026, 1, 1, 0, 0).plusDays(day).atZone(BERLIN).toInstant().minusMillis(1);
    for (int i = 0; i < 80; i++) {
      var next = times.next(at).orElseThrow();
      assertThat(next).isAfter(at);
      assertThat(next.atZone(BERLIN).toLocalDate())
          .isEqualTo(LocalDateTime.of(2026, 1, 1, 0, 0).plusDays(day + i).toLocalDate());
      at = next;
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "61 * * * *  | Value 61 not in range [0, 59]",
        "0 2 * *     | Cron expression contains 4 parts but we expect one of [5]",
        "0 0 2 * * ? | Cron expression contains 6 parts but we expect one of [5]",
        "@daily      | Nicknames not supported!",
        "10-5 * * * *| Invalid range! [10,5]",
        "0 2 * * MOO | Invalid chars in expression! Expression: MOO Invalid chars: MOO",
        "0 2 30 2 *  | no such day",
        "''          | Empty expression!"
      })
  void whatNamesNoTimesIsRefused(String expression, String why) {
    assertThatThrownBy(() -> Times.of(expression, "UTC"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "cron is \"%s\", which names no times (%s): give minute, hour, day, month and weekday,"
                + " for example \"30 2 * * *\" for half past two every night",
            expression, why);
  }

  @Test
  void aZoneThatIsNoneIsRefused() {
    assertThatThrownBy(() -> Times.of("0 2 * * *", "Berlin"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "zone is Berlin, which is no time zone: give a name such as Europe/Berlin, or UTC");
  }

  private static List<String> next(String expression, String from, int count) {
    var times = Times.of(expression, "Europe/Berlin");
    Instant at = LocalDateTime.parse(from).atZone(BERLIN).toInstant();
    var found = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      at = times.next(at).orElseThrow();
      found.add(at.atZone(BERLIN).toOffsetDateTime().toString());
    }
    return found;
  }
}
