package io.lorashear.watch;

import io.lorashear.metrics.StageMetrics.State;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * Follows a run until it ends: on a terminal it redraws a few lines in place; in a log it writes a
 * line whenever something begins or ends, and one every half minute.
 */
public final class Watch {
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration QUIET = Duration.ofSeconds(30);

  /** Waits between two reads of the metrics. */
  public interface Pause {
    /** Waits about {@code time}. */
    void sleep(Duration time) throws InterruptedException;
  }

  private final Path run;
  private final PrintWriter out;
  private final boolean terminal;
  private final InstantSource clock;
  private final Pause pause;
  private int drawn;
  private Instant said = Instant.MIN;
  private String known = "";

  /**
   * Watches a run, which need not have begun.
   *
   * @param run the run's work folder, or the output of a single stage
   * @param terminal whether lines can be redrawn in place
   */
  public Watch(Path run, PrintWriter out, boolean terminal, InstantSource clock, Pause pause) {
    this.run = run;
    this.out = out;
    this.terminal = terminal;
    this.clock = clock;
    this.pause = pause;
  }

  /** Prints the state of the run once; returns false if it has failed or died. */
  public boolean once() {
    var now = WatchedRun.of(run);
    WatchText.lines(now, clock.instant()).forEach(out::println);
    out.flush();
    return good(now);
  }

  /** Prints the state until the run ends; returns whether it ended successfully. */
  public boolean follow() throws InterruptedException {
    var seen = WatchedRun.of(run);
    while (!seen.ended()) {
      show(seen);
      pause.sleep(LOOK);
      seen = WatchedRun.of(run);
    }
    if (terminal) {
      draw(WatchText.lines(seen, clock.instant()));
    } else {
      WatchText.lines(seen, clock.instant()).forEach(out::println);
      out.flush();
    }
    return good(seen);
  }

  private static boolean good(WatchedRun run) {
    return run.state().map(State::good).orElse(true);
  }

  private void show(WatchedRun seen) {
    var now = clock.instant();
    if (terminal) {
      draw(WatchText.lines(seen, now));
      return;
    }
    var news = seen.state() + seen.current().map(seen::title).orElse("") + seen.parts().size();
    boolean quiet = said.isAfter(Instant.MIN) && Duration.between(said, now).compareTo(QUIET) < 0;
    if (!quiet || !news.equals(known)) {
      known = news;
      said = now;
      out.println(WatchText.line(seen, now));
      out.flush();
    }
  }

  /**
   * Draws over the previous lines; line wrapping is off meanwhile, so that the number of lines is
   * known.
   */
  private void draw(List<String> lines) {
    var text = new StringBuilder("\u001b[?7l");
    if (drawn > 0) {
      text.append("\u001b[").append(drawn).append("A\u001b[J");
    }
    lines.forEach(line -> text.append(line).append('\n'));
    out.print(text.append("\u001b[?7h"));
    out.flush();
    drawn = lines.size();
  }
}
