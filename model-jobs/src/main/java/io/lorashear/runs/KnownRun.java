package io.lorashear.runs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.metrics.Invocation;
import io.lorashear.metrics.MetricsFile;
import io.lorashear.metrics.StageMetrics;
import io.lorashear.metrics.StageMetrics.State;
import io.lorashear.run.DemoFolder;
import io.lorashear.watch.WatchedRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A run that has left metrics.
 *
 * @param folder its work folder, or the output of a single stage
 */
public record KnownRun(Path folder, WatchedRun found) {

  /**
   * The run in a folder.
   *
   * @throws InputException if no run has begun there
   */
  public static KnownRun of(Path folder) {
    var run = new KnownRun(folder, WatchedRun.of(folder));
    if (run.found.state().isEmpty()) {
      throw new InputException(
          "%s holds no run: name the folder that a run works in (its setting work, or demo's"
              + " --out), or the output of a stage",
          folder);
    }
    return run;
  }

  /**
   * The runs at some places, in the order in which they began.
   *
   * @param places work folders, outputs of stages, and folders that contain such
   * @throws InputException if a place holds none
   */
  public static List<KnownRun> at(List<Path> places) {
    var runs = new ArrayList<KnownRun>();
    for (var place : places) {
      var here = isRun(place) ? List.of(place) : inside(place);
      if (here.isEmpty()) {
        throw new InputException(
            "%s holds no run: name folders that runs work in, or folders that contain such", place);
      }
      here.forEach(folder -> runs.add(of(folder)));
    }
    runs.sort(Comparator.comparing(KnownRun::started));
    return runs;
  }

  private static boolean isRun(Path folder) {
    return isWorkFolder(folder) || Files.isRegularFile(MetricsFile.of(folder));
  }

  private static boolean isWorkFolder(Path folder) {
    var work = DemoFolder.workedIn(folder, MetricsFile.OF_RUN);
    return Files.isRegularFile(work.resolve(MetricsFile.OF_RUN));
  }

  private static List<Path> inside(Path place) {
    if (!Files.isDirectory(place)) {
      return List.of();
    }
    try (var entries = Files.list(place)) {
      var found = new ArrayList<Path>();
      for (var entry : entries.sorted().toList()) {
        var name = entry.getFileName().toString();
        if (Files.isDirectory(entry) && isWorkFolder(entry)) {
          found.add(entry);
        } else if (name.endsWith(MetricsFile.SUFFIX)) {
          found.add(place.resolve(name.substring(0, name.length() - MetricsFile.SUFFIX.length())));
        }
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(place + " cannot be read", e);
    }
  }

  /** The folder that its stages publish in. */
  public Path work() {
    return DemoFolder.workedIn(folder, MetricsFile.OF_RUN);
  }

  /** Its state. */
  public State state() {
    return found.state().orElseThrow();
  }

  /** A state in words: running, finished, stopped, failed, killed or elsewhere. */
  static String word(State state) {
    return switch (state) {
      case RUNS -> "running";
      case DONE -> "finished";
      case DIED -> "killed";
      case STOPPED, FAILED, ELSEWHERE -> state.name().toLowerCase(Locale.ROOT);
    };
  }

  Instant started() {
    return found.begun().orElseThrow();
  }

  /** How long it has run, or ran. */
  Duration time(Instant now) {
    return Duration.between(started(), found.ended() ? found.written().orElse(now) : now);
  }

  /** The command, and the stage that it is at or ended at. */
  String stage() {
    var command = found.leading().map(StageMetrics::name).orElse("");
    var parts = found.parts();
    return found.whole().isEmpty() || parts.isEmpty()
        ? command
        : command + ": " + parts.get(parts.size() - 1).name();
  }

  /** The first model that a stage of it read. */
  Optional<Path> model() {
    return found.stages().stream().flatMap(stage -> stage.model().stream()).findFirst();
  }

  /** How it was started; empty if an earlier version of this program began it. */
  public Optional<Invocation> invocation() {
    return found.leading().flatMap(StageMetrics::invocation);
  }

  /** The last figure of the stage that wrote last; empty if there is none. */
  String figure() {
    return found.current().map(KnownRun::figure).orElse("");
  }

  static String figure(StageMetrics stage) {
    return stage.latest().map(KnownRun::figure).orElse("");
  }

  private static String figure(ObjectNode line) {
    if (line.has("step")) {
      return String.format(
          Locale.ROOT,
          "loss %.3f at step %d of %d",
          line.path("loss").asDouble(),
          line.path("step").asLong(),
          line.path("steps").asLong());
    }
    var of = line.has("total") ? " of " + line.path("total").asLong() : "";
    return "%s: %d%s %s"
        .formatted(
            line.path("work").asText(), line.path("done").asLong(), of, line.path("unit").asText());
  }
}
