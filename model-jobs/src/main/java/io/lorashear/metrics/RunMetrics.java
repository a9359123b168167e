package io.lorashear.metrics;

import io.lorashear.stop.StopRequest;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Records which stage of a run is running, in the {@code metrics.jsonl} of its folder.
 *
 * @param folder work folder of the run
 * @param command command that runs the stages
 */
public record RunMetrics(Path folder, String command) {

  /**
   * Runs the whole run and records its begin and end; a nested call counts as part of the outer
   * run.
   */
  public <T> T all(Supplier<T> run) {
    try (var metrics = MetricsFile.ofRun(folder, command);
        var looks = StopRequest.during(new StopRequest.Work() {})) {
      try {
        var result = run.get();
        metrics.done();
        return result;
      } catch (RuntimeException | Error e) {
        metrics.ended(e);
        throw e;
      }
    }
  }

  /**
   * Runs one stage, which may already be done, and records its begin and end.
   *
   * @param output folder that the stage publishes
   */
  public <T> T stage(String name, Path output, Supplier<T> work) {
    return stage(name, output.toString(), work);
  }

  /** The same for an output inside the run's folder. */
  public <T> T stage(String name, Supplier<T> work) {
    return stage(name, "", work);
  }

  private <T> T stage(String name, String output, Supplier<T> work) {
    StopRequest.check();
    long start = System.nanoTime();
    var metrics = MetricsFile.joined(folder.resolve(MetricsFile.OF_RUN));
    try {
      metrics.stage(name, output);
      var result = work.get();
      metrics.stageDone(name, output, (System.nanoTime() - start) / 1e9);
      return result;
    } finally {
      metrics.leave();
    }
  }
}
