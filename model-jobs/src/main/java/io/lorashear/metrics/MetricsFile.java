package io.lorashear.metrics;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.device.ModelRuns;
import io.lorashear.settings.Storage;
import io.lorashear.stop.StopRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The figures that a stage measures while it works, a line each in {@code NAME.metrics.jsonl} next
 * to its output NAME; for a run of many stages, which stage is running, in {@code metrics.jsonl} in
 * its folder. The file contains times, so it is not part of the published output.
 *
 * <p>A step that a killed run has already written, and that the resumed run repeats with
 * bit-identical results, is not written twice. If a line cannot be written, the user is told once,
 * and the work continues without metrics.
 */
public final class MetricsFile implements AutoCloseable {
  /** Suffix after the name of a stage's output. */
  public static final String SUFFIX = ".metrics.jsonl";

  /** File name in the folder of a run of many stages. */
  public static final String OF_RUN = "metrics.jsonl";

  /** The event of a run that one of its stages begins. */
  public static final String STAGE = "stage";

  /** The event of a run that one of its stages is done. */
  public static final String STAGE_DONE = "stageDone";

  static final String STEP = "step";
  static final String VALIDATION = "validation";
  static final String DONE = "done";
  static final String FAILED = "failed";
  static final String STOPPED = "stopped";

  private final Path file;
  private final InstantSource clock;
  private final String stage;
  private final int modelsBefore = ModelRuns.count();
  private final Map<String, Long> told = new HashMap<>();
  private @Nullable JsonLines lines;
  private @Nullable EventFile events;
  private boolean wantsEvents;
  private boolean ended;

  private MetricsFile() {
    this.file = Path.of(OF_RUN);
    this.stage = "";
    this.clock = InstantSource.system();
  }

  private MetricsFile(Path file, String stage, InstantSource clock) {
    this.file = file;
    this.stage = stage;
    this.clock = clock;
    if (Storage.isLocal(file)) {
      try {
        lines = JsonLines.append(file);
      } catch (IOException e) {
        without(e);
      }
    }
  }

  /**
   * Begins a stage, or resumes one.
   *
   * @param output folder that it will publish; if it is in an object store, which cannot append to
   *     files, no lines are written
   * @param identity identity of the stage
   * @param model the model that it reads, if it reads one
   * @param resumable whether a killed run of the same identity has left states to resume from
   */
  public static MetricsFile begin(
      Path output,
      String stage,
      String identity,
      Optional<Path> model,
      boolean resumable,
      InstantSource clock) {
    var metrics = new MetricsFile(of(output), stage, clock);
    Optional<StageMetrics> left =
        resumable && metrics.lines != null
            ? StageMetrics.read(metrics.file).filter(run -> run.isLeft(identity))
            : Optional.empty();
    left.ifPresent(
        run -> {
          run.steps().forEach(metrics::isTold);
          run.validations().forEach(metrics::isTold);
        });
    var line = metrics.line("begin").put("output", String.valueOf(output.getFileName()));
    line.put("identity", identity).put("resumed", left.isPresent());
    WritingProcess.own().addTo(line);
    model.ifPresent(path -> line.put("model", path.toString()));
    Invocation.addOwn(line);
    metrics.write(line);
    return metrics;
  }

  /**
   * Begins a run of many stages.
   *
   * @param command command that runs them
   */
  public static MetricsFile ofRun(Path folder, String command) {
    var metrics = new MetricsFile(folder.resolve(OF_RUN), command, InstantSource.system());
    var line = metrics.line("begin");
    WritingProcess.own().addTo(line);
    Invocation.addOwn(line);
    metrics.write(line);
    return metrics;
  }

  /** Continues a file that another object has begun; {@link #leave} ends that. */
  public static MetricsFile joined(Path file) {
    var stage = Storage.isLocal(file) ? StageMetrics.read(file) : Optional.<StageMetrics>empty();
    return new MetricsFile(file, stage.map(StageMetrics::name).orElse(""), InstantSource.system());
  }

  /** Metrics that are not written anywhere. */
  public static MetricsFile none() {
    return new MetricsFile();
  }

  /** The path of a stage's metrics file, next to its output. */
  public static Path of(Path output) {
    var absolute = output.toAbsolutePath().normalize();
    return absolute.resolveSibling(absolute.getFileName() + SUFFIX);
  }

  /** The file; empty if no lines are written. */
  public Optional<Path> file() {
    return lines == null ? Optional.empty() : Optional.of(file);
  }

  /** From now on also writes steps as TensorBoard event files, in {@code NAME.tensorboard}. */
  public void withEvents() {
    wantsEvents = true;
  }

  /**
   * Opens the event file before the first step's line is written, so that stages without training
   * have none.
   */
  private void openEvents() throws IOException {
    if (wantsEvents && events == null && lines != null) {
      var run = StageMetrics.read(file).orElseThrow();
      var name = String.valueOf(file.getFileName()).replace(SUFFIX, ".tensorboard");
      events = EventFile.of(file.resolveSibling(name), run, clock.instant());
    }
  }

  private boolean isTold(ObjectNode line) {
    var kind = line.path("event").asText() + " " + line.path("work").asText();
    long step = line.path(STEP).asLong();
    if (step <= told.getOrDefault(kind, -1L)) {
      return true;
    }
    told.put(kind, step);
    return false;
  }

  /** One of the run's stages begins; {@code output} is empty if unknown. */
  public void stage(String name, String output) {
    write(line(STAGE).put("name", name).put("output", output));
  }

  /** One of the run's stages is done, or was already. */
  public void stageDone(String name, String output, double seconds) {
    write(line(STAGE_DONE).put("name", name).put("output", output).put("seconds", seconds));
  }

  /** A piece of work begins. */
  public void work(String work, long total, String unit) {
    write(sized(line("work").put("work", work), total).put("unit", unit));
  }

  /** Progress of a piece of work other than training. */
  public void progress(
      String work,
      long done,
      long total,
      String unit,
      double perSecond,
      Map<String, Double> figures) {
    var line = sized(line("progress").put("work", work).put("done", done), total);
    line.put("unit", unit).put("perSecond", perSecond);
    figures.forEach(line::put);
    write(models(line));
  }

  private static ObjectNode sized(ObjectNode line, long total) {
    return total < 0 ? line : line.put("total", total);
  }

  /**
   * The figures of a training step, counted from 1.
   *
   * @return false if the step had already been written
   */
  public boolean step(String work, long step, long steps, Map<String, Double> figures) {
    var line = line(STEP).put("work", work).put(STEP, step).put("steps", steps);
    return measured(line, figures);
  }

  /** The mean held-out loss of the model after {@code step} steps, in nats per token. */
  public void validation(String work, long step, double loss) {
    measured(line(VALIDATION).put("work", work).put(STEP, step), Map.of("loss", loss));
  }

  private boolean measured(ObjectNode line, Map<String, Double> figures) {
    if (isTold(line)) {
      return false;
    }
    figures.forEach(line::put);
    try {
      openEvents();
      write(models(line));
      if (events != null) {
        events.scalars(line);
      }
    } catch (IOException e) {
      without(e);
    }
    return true;
  }

  /** Adds the device and precision of the stage's latest model, if there is one. */
  private ObjectNode models(ObjectNode line) {
    var running = ModelRuns.since(modelsBefore);
    if (!running.isEmpty()) {
      var last = running.get(running.size() - 1);
      line.put("device", last.device()).put("precision", last.numbers());
    }
    return line;
  }

  /** The work was published. */
  public void done() {
    ended = true;
    write(line("end").put("outcome", DONE));
  }

  /** The work ended early: it failed, or a signal asked to stop. */
  public void ended(Throwable failure) {
    var signal = StopRequest.asked();
    if (signal.isEmpty()) {
      failed(String.valueOf(failure.getMessage()));
      return;
    }
    ended = true;
    write(line("end").put("outcome", STOPPED).put("message", "by " + signal.get()));
  }

  /** The work failed. */
  public void failed(String message) {
    ended = true;
    write(line("end").put("outcome", FAILED).put("message", message));
  }

  private ObjectNode line(String event) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("time", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString())
        .put("event", event)
        .put("stage", stage);
  }

  private synchronized void write(ObjectNode line) {
    StageLog.line(line);
    if (lines == null) {
      return;
    }
    try {
      lines.write(line);
    } catch (IOException e) {
      without(e);
    }
  }

  /** Stops writing metrics: a failure to write them must not end a long run. */
  private void without(IOException failure) {
    System.err.printf(
        "metrics cannot be written to %s (%s): the work goes on without them%n", file, failure);
    lines = null;
    events = null;
  }

  @Override
  public synchronized void close() {
    if (!ended && lines != null) {
      failed("it stopped before its end");
    }
    leave();
  }

  /** Closes the file without recording an end of the run. */
  public synchronized void leave() {
    try {
      if (lines != null) {
        lines.close();
        lines = null;
      }
      if (events != null) {
        events.close();
        events = null;
      }
    } catch (IOException e) {
      without(e);
    }
  }
}
