package io.lorashear.watch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.metrics.MetricsFile;
import io.lorashear.metrics.StageMetrics;
import io.lorashear.metrics.StageMetrics.State;
import io.lorashear.run.DemoFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;

/**
 * The metrics of a run, as read at one moment.
 *
 * @param run the run's work folder, or the output of a single stage
 * @param whole metrics of the whole run, which name the current stage; empty for a single stage
 * @param stages metrics of each stage, in the order in which the stages began
 */
public record WatchedRun(Path run, Optional<StageMetrics> whole, List<StageMetrics> stages) {
  private static final int DEPTH = 4; // rounds/000001/recovered/round-0

  /**
   * A stage of the run.
   *
   * @param seconds duration in seconds; empty while it runs
   */
  public record Part(String name, OptionalDouble seconds) {}

  /** Reads the metrics that exist now. */
  public static WatchedRun of(Path run) {
    var folder = DemoFolder.workedIn(run, MetricsFile.OF_RUN);
    var whole = StageMetrics.read(folder.resolve(MetricsFile.OF_RUN));
    var files = new TreeSet<Path>();
    var single = MetricsFile.of(folder);
    if (whole.isEmpty() && Files.isRegularFile(single)) {
      files.add(single);
    } else {
      files.addAll(inside(folder));
      whole.ifPresent(all -> files.addAll(named(all)));
    }
    var stages = new ArrayList<StageMetrics>();
    files.forEach(file -> StageMetrics.read(file).ifPresent(stages::add));
    stages.sort(Comparator.comparing(StageMetrics::begun));
    return new WatchedRun(run, whole, List.copyOf(stages));
  }

  private static List<Path> inside(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var found =
        Files.find(
            folder, DEPTH, (path, attributes) -> path.toString().endsWith(MetricsFile.SUFFIX))) {
      return found.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be looked through", e);
    }
  }

  /** Metrics files of outputs outside the work folder. */
  private static List<Path> named(StageMetrics whole) {
    return whole.all(MetricsFile.STAGE).stream()
        .map(line -> line.path("output").asText())
        .filter(output -> !output.isEmpty())
        .map(output -> MetricsFile.of(Path.of(output)))
        .filter(Files::isRegularFile)
        .toList();
  }

  /** The state of the run; empty if it has not begun. */
  public Optional<State> state() {
    return leading().map(StageMetrics::state);
  }

  /** Whether the run has ended: done, failed or died. */
  public boolean ended() {
    return state().filter(state -> state != State.RUNS && state != State.ELSEWHERE).isPresent();
  }

  /** The metrics that give the state of the run: of the whole run, else of the current stage. */
  public Optional<StageMetrics> leading() {
    return whole.or(this::current);
  }

  /** The stage that wrote last, among the running stages if there are any. */
  public Optional<StageMetrics> current() {
    var last = Comparator.comparing(StageMetrics::written);
    return stages.stream()
        .filter(stage -> stage.state() == State.RUNS)
        .max(last)
        .or(() -> stages.stream().max(last));
  }

  /** When it began. */
  public Optional<Instant> begun() {
    return leading().map(metrics -> StageMetrics.time(metrics.lines().get(0)));
  }

  /** When any of its metrics were last written. */
  public Optional<Instant> written() {
    var all = new ArrayList<>(stages);
    whole.ifPresent(all::add);
    return all.stream().map(StageMetrics::written).max(Comparator.naturalOrder());
  }

  /** Its stages in the order in which they began. */
  public List<Part> parts() {
    var parts = new LinkedHashMap<String, OptionalDouble>();
    if (whole.isPresent()) {
      for (var line : whole.get().lines()) {
        var name = line.path("name").asText();
        if (is(line, MetricsFile.STAGE)) {
          parts.remove(name);
          parts.put(name, OptionalDouble.empty());
        } else if (is(line, MetricsFile.STAGE_DONE)) {
          parts.put(name, OptionalDouble.of(line.path("seconds").asDouble()));
        }
      }
    } else {
      stages.forEach(stage -> parts.put(title(stage), seconds(stage)));
    }
    return parts.entrySet().stream().map(e -> new Part(e.getKey(), e.getValue())).toList();
  }

  private static boolean is(ObjectNode line, String event) {
    return line.path("event").asText().equals(event);
  }

  private static OptionalDouble seconds(StageMetrics stage) {
    var first = StageMetrics.time(stage.lines().get(0));
    return stage.state() == State.DONE
        ? OptionalDouble.of((stage.written().toEpochMilli() - first.toEpochMilli()) / 1e3)
        : OptionalDouble.empty();
  }

  /** The title of a stage: its command, and its output relative to the run. */
  public String title(StageMetrics stage) {
    var output = stage.output();
    var base = run.toAbsolutePath().normalize();
    var shown = output.startsWith(base) && !output.equals(base) ? base.relativize(output) : output;
    return "%s (%s)".formatted(stage.name(), shown.isAbsolute() ? shown.getFileName() : shown);
  }

  /** Metrics files with lines that were cut off. */
  List<StageMetrics> cut() {
    var all = new ArrayList<>(stages);
    whole.ifPresent(all::add);
    return all.stream().filter(metrics -> metrics.cut() > 0).toList();
  }
}
