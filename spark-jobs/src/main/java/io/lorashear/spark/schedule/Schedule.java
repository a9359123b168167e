package io.lorashear.spark.schedule;

import io.lorashear.InputException;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.RunLock;
import io.lorashear.spark.ingest.Ledger;
import io.lorashear.spark.schedule.Attempt.Outcome;
import io.lorashear.spark.schedule.Attempt.Output;
import io.lorashear.stop.StopRequest;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Runs rounds at scheduled times, one at a time.
 *
 * <pre>
 *   repeatedly, under the lock:
 *     a run without a recorded end       was killed: its round resumes
 *     times since the last handled one   get a run, or are recorded as missed
 *   then wait for the next time
 * </pre>
 */
public final class Schedule {
  private final ScheduleSettings settings;
  private final Rounds rounds;
  private final InstantSource clock;
  private final Consumer<String> out;

  /** Runs one round. */
  public interface Rounds {
    /** The published folders of the round, by kind; published stages do not run again. */
    SortedMap<String, PublishedDirectory> run(State state);
  }

  /** How to wait. */
  public interface Waiting {
    /** Waits until {@code time}; returns false if the schedule should end. */
    boolean until(Instant time) throws InterruptedException;
  }

  /**
   * A schedule; does not run anything yet.
   *
   * @param out receives a line for each finished stage
   */
  public Schedule(
      ScheduleSettings settings, Rounds rounds, InstantSource clock, Consumer<String> out) {
    this.settings = settings;
    this.rounds = rounds;
    this.clock = clock;
    this.out = out;
  }

  /**
   * Runs one round now, regardless of the times.
   *
   * @return whether it ran; false if another run is active
   */
  public boolean once() {
    var lock = RunLock.take(settings.work());
    if (lock.isEmpty()) {
      out.accept(active());
      return false;
    }
    try (var held = lock.get()) {
      attempt(history(), Optional.empty());
      return true;
    }
  }

  /**
   * Runs at the scheduled times until {@code waiting} ends. A failed run is reported and recorded;
   * the next run resumes its round.
   *
   * @throws InputException if there are no times, or only past ones
   */
  public void run(Waiting waiting) throws InterruptedException {
    var times = times(settings);
    var next = turn(times);
    while (next.isPresent() && waiting.until(next.get())) {
      next = turn(times);
    }
  }

  static Times times(ScheduleSettings settings) {
    var cron =
        settings
            .cron()
            .orElseThrow(
                () ->
                    new InputException(
                        "there is no cron in the settings: give one, for example \"30 2 * * *\","
                            + " or start single runs by --once"));
    return Times.of(cron, settings.zone());
  }

  /** Runs what is due; returns the next time. */
  private Optional<Instant> turn(Times times) {
    StopRequest.check();
    var lock = RunLock.take(settings.work());
    if (lock.isEmpty()) {
      out.accept(active());
      return told(times, times.next(clock.instant()));
    }
    try (var held = lock.get()) {
      var history = history();
      if (history.handled().isEmpty()) {
        history.begin(clock.instant());
      }
      due(history, times);
      return told(times, history.handled().flatMap(times::next));
    }
  }

  private void due(History history, Times times) {
    var now = clock.instant();
    var due = settings.missed().due(times, history.handled().orElse(now), now);
    if (!due.left().isEmpty()) {
      out.accept("missed: " + due.left().size() + ", the last " + shown(times, last(due.left())));
      history.missed(due.left(), now);
    }
    for (var time : due.runs()) {
      try {
        attempt(history, Optional.of(time));
      } catch (RuntimeException e) {
        StopRequest.check();
        out.accept("run failed: " + message(e));
      }
    }
  }

  private static Instant last(List<Instant> times) {
    return times.get(times.size() - 1);
  }

  private Optional<Instant> told(Times times, Optional<Instant> next) {
    next.ifPresent(time -> out.accept("next run: " + shown(times, time)));
    StopRequest.check(); // the round was done when the signal came
    return next;
  }

  static String shown(Times times, Instant time) {
    return "%s (%s)"
        .formatted(
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm z").format(time.atZone(times.zone())),
            DateTimeFormatter.ISO_INSTANT.format(time.atZone(ZoneOffset.UTC)));
  }

  private String active() {
    return History.of(settings.work())
        .running()
        .map(
            run ->
                "another run is active: run %d, round %d, begun %s by process %s; this one does"
                        .formatted(run.number(), run.round(), run.started(), run.process())
                    + " nothing")
        .orElse("another run is active in " + settings.work() + "; this one does nothing");
  }

  /**
   * The history, in which an unfinished run of a dead process is marked as killed; the caller must
   * hold the lock.
   */
  private History history() {
    var history = History.of(settings.work());
    history
        .running()
        .ifPresent(
            dead -> {
              var found = "found at %s: the process is gone".formatted(clock.instant());
              history.replace(dead.with(Outcome.KILLED, Optional.empty(), found));
              out.accept(
                  "run %d of process %s was killed: going on with its round %d"
                      .formatted(dead.number(), dead.process(), dead.round()));
            });
    return history;
  }

  private void attempt(History history, Optional<Instant> scheduled) {
    var attempt = history.start(scheduled, clock.instant());
    out.accept("run %d, round %d".formatted(attempt.number(), attempt.round()));
    try {
      var outputs = rounds.run(State.of(history, settings));
      history.replace(done(attempt, outputs));
    } catch (RuntimeException | Error e) {
      if (!ending()) { // a shutdown causes failures; a later run then finds this one as killed
        var end = Optional.of(clock.instant());
        history.replace(attempt.with(Outcome.FAILED, end, message(e)));
      }
      throw e;
    }
  }

  private Attempt done(Attempt attempt, SortedMap<String, PublishedDirectory> outputs) {
    var made = new TreeMap<String, Output>();
    var work = settings.work().toAbsolutePath().normalize();
    outputs.forEach((name, folder) -> made.put(name, output(work, folder)));
    var documents = outputs.get(State.DOCUMENTS);
    var ledger = documents == null ? new Ledger(List.of(), List.of()) : Ledger.in(documents);
    return attempt.done(clock.instant(), ledger.read(), ledger.gone(), made);
  }

  private static Output output(Path work, PublishedDirectory folder) {
    var path = work.relativize(folder.directory()).toString().replace('\\', '/');
    return new Output(path, folder.hash());
  }

  /** Whether this process is shutting down, or a signal asked it to stop. */
  private static boolean ending() {
    if (StopRequest.asked().isPresent()) {
      return true;
    }
    var nothing = new Thread(() -> {});
    try {
      Runtime.getRuntime().addShutdownHook(nothing);
      Runtime.getRuntime().removeShutdownHook(nothing);
      return false;
    } catch (IllegalStateException shutdown) {
      return true;
    }
  }

  /** The message of an input problem, which the user can correct; else of the innermost cause. */
  private static String message(Throwable failure) {
    var first = failure;
    while (!(first instanceof InputException) && first.getCause() != null) {
      first = first.getCause();
    }
    return first instanceof InputException ? String.valueOf(first.getMessage()) : first.toString();
  }
}
