package io.lorashear.spark.schedule;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.field.CronFieldName;
import com.cronutils.model.field.expression.Always;
import com.cronutils.model.field.expression.Every;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import io.lorashear.InputException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.util.Optional;

/**
 * The times of a Unix cron expression in a time zone.
 *
 * <pre>
 *   hour is * or *&#47;n     by elapsed hours: none is skipped, and none runs twice
 *   hour is given       once for each date and time:
 *     clocks go forward   times in the skipped hour run once, right after it
 *     clocks go back      times in the repeated hour run in its first pass
 * </pre>
 */
public final class Times {
  private static final CronParser PARSER =
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

  private final ExecutionTime times;
  private final ZoneId zone;
  private final boolean givenHours;

  private Times(Cron cron, ZoneId zone) {
    this.times = ExecutionTime.forCron(cron);
    this.zone = zone;
    var hours = cron.retrieve(CronFieldName.HOUR).getExpression();
    this.givenHours = !(hours instanceof Always || hours instanceof Every);
  }

  /**
   * @throws InputException if there are no such times or no such zone
   */
  public static Times of(String expression, String zone) {
    wrong(expression).ifPresent(problem -> refuse("cron", problem));
    noZone(zone).ifPresent(problem -> refuse("zone", problem));
    return new Times(PARSER.parse(expression), ZoneId.of(zone));
  }

  private static void refuse(String key, String problem) {
    throw new InputException("%s %s", key, problem);
  }

  /** What is wrong with an expression, if anything; worded to follow its key. */
  static Optional<String> wrong(String expression) {
    try {
      var cron = PARSER.parse(expression).validate();
      var ever = ExecutionTime.forCron(cron).nextExecution(ZonedDateTime.now(ZoneOffset.UTC));
      return ever.isPresent() ? Optional.empty() : Optional.of(wrong(expression, "no such day"));
    } catch (IllegalArgumentException e) {
      return Optional.of(wrong(expression, String.valueOf(e.getMessage())));
    }
  }

  private static String wrong(String expression, String why) {
    return ("is \"%s\", which names no times (%s): give minute, hour, day, month and weekday,"
            + " for example \"30 2 * * *\" for half past two every night")
        .formatted(expression, why.replaceFirst("^Failed to parse cron expression\\. ", ""));
  }

  /** What is wrong with the name of a zone, if anything; worded to follow its key. */
  static Optional<String> noZone(String zone) {
    try {
      ZoneId.of(zone);
      return Optional.empty();
    } catch (DateTimeException e) {
      return Optional.of(
          "is %s, which is no time zone: give a name such as Europe/Berlin, or UTC"
              .formatted(zone));
    }
  }

  ZoneId zone() {
    return zone;
  }

  /** The first time after {@code instant}; empty if there is none. */
  public Optional<Instant> next(Instant instant) {
    var plain = plain(instant);
    if (givenHours) {
      var rules = zone.getRules();
      for (var change = rules.nextTransition(instant);
          change != null && plain.map(change.getInstant()::isBefore).orElse(true);
          change = rules.nextTransition(change.getInstant())) {
        if (change.isGap() && leftOut(change)) {
          return Optional.of(change.getInstant());
        }
      }
    }
    return plain;
  }

  private Optional<Instant> plain(Instant instant) {
    var next = times.nextExecution(instant.atZone(zone));
    while (givenHours && next.isPresent() && isSecond(next.get())) {
      next = times.nextExecution(next.get());
    }
    return next.map(ZonedDateTime::toInstant);
  }

  private static boolean isSecond(ZonedDateTime time) {
    return !time.withEarlierOffsetAtOverlap().isEqual(time);
  }

  /** Whether a time falls into the gap that the clocks skip, computed in UTC, which has no gaps. */
  private boolean leftOut(ZoneOffsetTransition change) {
    var before = change.getDateTimeBefore().minusSeconds(1).atZone(ZoneOffset.UTC);
    var after = change.getDateTimeAfter().atZone(ZoneOffset.UTC);
    return times.nextExecution(before).filter(after::isAfter).isPresent();
  }
}
