package io.lorashear.spark.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What happens about scheduled times that passed while nothing ran, or during a longer run. */
public enum Missed {
  /** They are only recorded. */
  SKIP,
  /** One run for all of them. */
  ONCE,
  /** A run for each. */
  ALL;

  /** Cron has a resolution of one minute: a time is not missed within its minute. */
  private static final Duration ON_TIME = Duration.ofMinutes(1);

  /**
   * What to do now.
   *
   * @param runs the times to run for, in order
   * @param left the times without a run, in order
   */
  public record Due(List<Instant> runs, List<Instant> left) {
    public Due {
      runs = List.copyOf(runs);
      left = List.copyOf(left);
    }
  }

  /**
   * Divides the times after {@code handled} up to {@code now}.
   *
   * @param handled the last time that was handled
   */
  public Due due(Times times, Instant handled, Instant now) {
    var passed = new ArrayList<Instant>();
    for (Optional<Instant> next = times.next(handled);
        next.isPresent() && !next.get().isAfter(now);
        next = times.next(next.get())) {
      passed.add(next.get());
    }
    int last = passed.size() - 1;
    return switch (this) {
      case ALL -> new Due(passed, List.of());
      case ONCE -> parted(passed, Math.max(0, last));
      case SKIP ->
          parted(
              passed,
              last >= 0 && now.isBefore(passed.get(last).plus(ON_TIME)) ? last : passed.size());
    };
  }

  private static Due parted(List<Instant> passed, int from) {
    return new Due(passed.subList(from, passed.size()), passed.subList(0, from));
  }
}
