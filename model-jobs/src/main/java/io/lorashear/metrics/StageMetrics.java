package io.lorashear.metrics;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The last run in a metrics file, including the parts before it was killed and resumed.
 *
 * @param name name of the stage, or of the command that runs many stages
 * @param process process that wrote last
 * @param begun when the run began, or was last resumed
 * @param lines all lines of the run
 * @param cut number of lines of the file that are ignored, because they were cut off by a kill or
 *     changed by somebody
 */
public record StageMetrics(
    Path file,
    String name,
    String identity,
    WritingProcess process,
    Instant begun,
    List<ObjectNode> lines,
    int cut) {

  /** State of a run. */
  public enum State {
    RUNS,
    DONE,
    FAILED,
    /** A signal asked to stop, and its state was saved. */
    STOPPED,
    /** Its process is gone without having recorded an end. */
    DIED,
    /** Its process is on another machine, so that its state is unknown here. */
    ELSEWHERE;

    /** Whether it runs or is done. */
    public boolean good() {
      return this == RUNS || this == DONE || this == ELSEWHERE;
    }
  }

  /** Reads a file; empty if it does not exist, or if none of its lines records a begin. */
  public static Optional<StageMetrics> read(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      return of(file, JsonLines.read(file));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  private static Optional<StageMetrics> of(Path file, JsonLines.Content content) {
    var lines = new ArrayList<ObjectNode>();
    Optional<ObjectNode> begin = Optional.empty();
    int cut = content.cut();
    for (var line : content.lines()) {
      if (!isWhole(line)) {
        cut++;
        continue;
      }
      if (is(line, "begin")) {
        if (begin.isEmpty() || !continues(begin.get(), line)) {
          lines.clear();
        }
        begin = Optional.of(line);
      }
      lines.add(line);
    }
    if (begin.isEmpty()) {
      return Optional.empty();
    }
    var process = WritingProcess.of(begin.get());
    boolean open = content.open() && !process.runs().orElse(true);
    return Optional.of(
        new StageMetrics(
            file,
            begin.get().path("stage").asText(),
            begin.get().path("identity").asText(),
            process,
            time(begin.get()),
            List.copyOf(lines),
            cut + (open ? 1 : 0)));
  }

  /**
   * Whether {@code begin} continues a run: of a resumed stage, or of a command nested in another.
   */
  private static boolean continues(ObjectNode before, ObjectNode begin) {
    return begin.path("resumed").asBoolean()
        || (!begin.has("identity") && WritingProcess.of(before).equals(WritingProcess.of(begin)));
  }

  /** Whether the line has the fields that this program writes. */
  private static boolean isWhole(ObjectNode line) {
    try {
      time(line);
      if (is(line, "begin")) {
        WritingProcess.of(line);
      }
      return true;
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  static boolean is(ObjectNode line, String event) {
    return line.path("event").asText().equals(event);
  }

  /** When a line was written. */
  public static Instant time(ObjectNode line) {
    return Instant.parse(line.path("time").asText());
  }

  /** Whether the run has this identity, and has not ended or has failed. */
  boolean isLeft(String wanted) {
    return identity.equals(wanted) && end().filter(line -> isDone(line)).isEmpty();
  }

  private static boolean isDone(ObjectNode end) {
    return end.path("outcome").asText().equals(MetricsFile.DONE);
  }

  /** The folder that the stage publishes. */
  public Path output() {
    var name = String.valueOf(file.getFileName());
    return file.resolveSibling(name.replace(MetricsFile.SUFFIX, ""));
  }

  /** The model that the stage reads, if it reads one. */
  public Optional<Path> model() {
    var model = begin().path("model");
    return model.isMissingNode() ? Optional.empty() : Optional.of(Path.of(model.asText()));
  }

  /** How its process was started; empty if that was not recorded. */
  public Optional<Invocation> invocation() {
    return Invocation.of(begin());
  }

  private ObjectNode begin() {
    return all("begin").stream().reduce((first, second) -> second).orElseThrow();
  }

  /** Steps of training, each once, in their order. */
  public List<ObjectNode> steps() {
    return all(MetricsFile.STEP);
  }

  /** Losses of held-out rows. */
  public List<ObjectNode> validations() {
    return all(MetricsFile.VALIDATION);
  }

  /** All lines of one event. */
  public List<ObjectNode> all(String event) {
    return lines.stream().filter(line -> is(line, event)).toList();
  }

  /** The last line about progress: of a step, of other work, or of the begin of work. */
  public Optional<ObjectNode> latest() {
    return lines.stream()
        .filter(line -> is(line, MetricsFile.STEP) || is(line, "work") || is(line, "progress"))
        .reduce((first, second) -> second);
  }

  /** When the last line was written. */
  public Instant written() {
    return time(lines.get(lines.size() - 1));
  }

  /** The line about the run's end, if it has ended. */
  private Optional<ObjectNode> end() {
    return lines.stream()
        .filter(line -> is(line, "end") || is(line, "begin"))
        .reduce((first, second) -> second)
        .filter(line -> is(line, "end"));
  }

  /** The current state. */
  public State state() {
    var end = end();
    if (end.isPresent()) {
      return switch (end.get().path("outcome").asText()) {
        case MetricsFile.DONE -> State.DONE;
        case MetricsFile.STOPPED -> State.STOPPED;
        default -> State.FAILED;
      };
    }
    return process.runs().map(runs -> runs ? State.RUNS : State.DIED).orElse(State.ELSEWHERE);
  }

  /** Why it failed; empty if it has not. */
  public String failure() {
    return end().map(line -> line.path("message").asText()).orElse("");
  }
}
