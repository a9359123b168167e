package io.lorashear.watch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.metrics.StageMetrics;
import io.lorashear.metrics.StageMetrics.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** Describes a run in words. */
final class WatchText {
  private static final int SHOWN = 16; // stages, so that the list fits into a terminal
  private static final int LATEST = 50; // latest steps that the remaining time is estimated from

  private WatchText() {}

  /** The state of the run, in one sentence. */
  static String sentence(WatchedRun run, Instant now) {
    if (run.state().isEmpty()) {
      return "nothing has begun in %s yet".formatted(run.run());
    }
    var leading = run.leading().orElseThrow();
    var end = run.ended() ? run.written().orElse(now) : now;
    var time = time(Duration.between(run.begun().orElse(now), end));
    var name = leading.name() + " in " + run.run();
    return switch (run.state().get()) {
      case RUNS -> "%s has run for %s".formatted(name, time);
      case DONE -> "%s is done after %s".formatted(name, time);
      case FAILED -> "%s failed after %s: %s".formatted(name, time, leading.failure());
      case STOPPED ->
          "%s was stopped after %s, %s; the same command resumes from its saved state"
              .formatted(name, time, leading.failure());
      case DIED ->
          ("%s died after %s: its process %d ended without saying so; the same command resumes"
                  + " from its saved state")
              .formatted(name, time, leading.process().number());
      case ELSEWHERE ->
          "%s runs on %s, whose processes cannot be seen from here; its last line is %s old"
              .formatted(
                  name,
                  leading.process().machine(),
                  time(Duration.between(run.written().orElse(now), now)));
    };
  }

  /** The current or last work: step of steps, figures, device, remaining time. */
  static String now(WatchedRun run) {
    return run.current().map(stage -> run.title(stage) + figures(stage)).orElse("");
  }

  private static String figures(StageMetrics stage) {
    var latest = stage.latest();
    if (latest.isEmpty()) {
      return "";
    }
    var line = latest.get();
    var parts = new ArrayList<String>();
    if (line.has("step")) {
      parts.add("step %,d of %,d".formatted(line.path("step").asLong(), steps(line)));
      parts.add("loss " + number("%.3f", line.path("loss").asDouble()));
      if (line.has("tokensPerSecond")) {
        parts.add(number("%,.0f tokens a second", line.path("tokensPerSecond").asDouble()));
      }
    } else {
      parts.add(amount(line));
    }
    if (line.has("device")) {
      parts.add(line.path("device").asText() + " in " + line.path("precision").asText());
    }
    if (stage.state() == State.RUNS) {
      left(stage, line).ifPresent(seconds -> parts.add("about " + time(seconds) + " left"));
    }
    return ": " + String.join(", ", parts);
  }

  private static long steps(ObjectNode line) {
    return line.path("steps").asLong();
  }

  private static String amount(ObjectNode line) {
    var work = line.path("work").asText();
    var unit = line.path("unit").asText();
    long done = line.path("done").asLong();
    var of = line.has("total") ? " of %,d".formatted(line.path("total").asLong()) : "";
    var rate =
        line.path("perSecond").asDouble() > 0
            ? ", " + number("%,.1f", line.path("perSecond").asDouble()) + " a second"
            : "";
    return "%s, %,d%s %s%s".formatted(work, done, of, unit, rate);
  }

  /** Seconds until the work ends, estimated from its latest rate. */
  private static OptionalLong left(StageMetrics stage, ObjectNode line) {
    if (!line.has("step")) {
      double rate = line.path("perSecond").asDouble();
      long missing = line.path("total").asLong() - line.path("done").asLong();
      return rate > 0 && missing > 0
          ? OptionalLong.of(Math.round(missing / rate))
          : OptionalLong.empty();
    }
    var latest =
        stage.steps().stream()
            .filter(step -> !StageMetrics.time(step).isBefore(stage.begun()))
            .filter(step -> step.has("tokensPerSecond"))
            .toList();
    if (latest.size() < 2) {
      return OptionalLong.empty();
    }
    var first = latest.get(Math.max(0, latest.size() - LATEST));
    double took = Duration.between(StageMetrics.time(first), StageMetrics.time(line)).toMillis();
    long since = line.path("step").asLong() - first.path("step").asLong();
    return OptionalLong.of(
        Math.round(took / 1e3 / since * (steps(line) - line.path("step").asLong())));
  }

  /** Lines for a terminal: the latest stages, then the current work. */
  static List<String> lines(WatchedRun run, Instant now) {
    var lines = new ArrayList<String>();
    lines.add(sentence(run, now));
    var parts = run.parts();
    if (parts.size() > SHOWN) {
      lines.add("  … %d stages before".formatted(parts.size() - SHOWN));
    }
    var last = parts.subList(Math.max(0, parts.size() - SHOWN), parts.size());
    int width = last.stream().mapToInt(part -> part.name().length()).max().orElse(1);
    for (var part : last) {
      var seconds =
          part.seconds().isPresent()
              ? "%8.1f s".formatted(part.seconds().getAsDouble())
              : run.ended() ? "  stopped" : "  at work";
      lines.add(("  %-" + width + "s %s").formatted(part.name(), seconds));
    }
    if (!now(run).isEmpty()) {
      lines.add(now(run));
    }
    lines.addAll(notes(run));
    return lines;
  }

  /** A line for a log: the current work, or the state. */
  static String line(WatchedRun run, Instant now) {
    var doing = now(run);
    return run.ended() || doing.isEmpty() ? sentence(run, now) : doing;
  }

  /** Notes on lines of metrics that were cut off and ignored. */
  static List<String> notes(WatchedRun run) {
    return run.cut().stream()
        .map(
            metrics ->
                metrics.cut() == 1
                    ? "one line of %s was cut off by a kill and is skipped"
                        .formatted(metrics.file())
                    : "%d lines of %s were cut off by kills and are skipped"
                        .formatted(metrics.cut(), metrics.file()))
        .toList();
  }

  private static String number(String format, double value) {
    return Double.isFinite(value)
        ? String.format(Locale.ROOT, format, value)
        : format.replaceFirst("%,?\\.\\df", String.valueOf(value));
  }

  private static String time(Duration duration) {
    return time(Math.max(0, duration.toSeconds()));
  }

  private static String time(long seconds) {
    if (seconds < 60) {
      return seconds + " s";
    }
    return seconds < 3600
        ? "%d min %d s".formatted(seconds / 60, seconds % 60)
        : "%d h %d min".formatted(seconds / 3600, seconds % 3600 / 60);
  }
}
