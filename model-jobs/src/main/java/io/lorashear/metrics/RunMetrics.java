package io.lorashear.metrics;

import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Which stage of a run is at work, in the {@code metrics.jsonl} of its folder.
 *
 * @param folder that the run works in
 * @param command that runs the stages
 */
public record RunMetrics(Path folder, String command) {

  /** Does all of the run; one inside of another is a part of it. */
  public <T> T all(Supplier<T> run) {
    try (var metrics = MetricsFile.ofRun(folder, command)) {
      try {
        var result = run.get();
        metrics.done();
        return result;
      } catch (RuntimeException | Error e) {
        metrics.failed(String.valueOf(e.getMessage()));
        throw e;
      }
    }
  }

  /**
   * Does one of its stages, or finds it done.
   *
   * @param output folder that the stage publishes
   */
  public <T> T stage(String name, Path output, Supplier<T> work) {
    return stage(name, output.toString(), work);
  }

  /** The same with an output that is inside of the run's folder. */
  public <T> T stage(String name, Supplier<T> work) {
    return stage(name, "", work);
  }

  private <T> T stage(String name, String output, Supplier<T> work) {
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
