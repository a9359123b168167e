package io.lorashear.spark.pipeline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.bench.PeakMemory;
import io.lorashear.metrics.RunMetrics;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.RunRecord;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Runs the stages of a pipeline: reports how long each took, and writes a {@link RunRecord} next to
 * its result. If a stage was already done, the earlier record stays; if there is none, because the
 * run was killed between result and record, it is written now.
 *
 * @param command that runs the pipeline
 * @param settings settings of the whole pipeline, in the form of a file
 * @param metrics metrics of the whole pipeline
 * @param out receives a line for each finished stage
 */
public record StageRuns(
    String command, ObjectNode settings, RunMetrics metrics, Consumer<String> out) {

  /** Said of a stage that is left out because no other stage reads its result. */
  static final String UNREAD = "not measured: nothing reads it (profile: true makes it)";

  /** Says that a stage is left out. */
  void unread(String name) {
    out.accept("%-43s            %s".formatted(name, UNREAD));
  }

  /** Runs a stage, or returns its published result. */
  public PublishedDirectory run(String name, Supplier<PublishedDirectory> work) {
    var record = RunRecord.start(command, settings.deepCopy());
    long start = System.nanoTime();
    var published = metrics.stage(name, work);
    if (!RunRecord.isOf(published)) {
      PeakMemory.peak().ifPresent(bytes -> record.measured("peakResidentBytes", (double) bytes));
      record.write(published);
    }
    out.accept(line(name, (System.nanoTime() - start) / 1e9, published));
    return published;
  }

  /** The line about a finished stage; names are padded, so that times are in one column. */
  static String line(String name, double seconds, PublishedDirectory published) {
    return "%-43s %6.1f s   %s".formatted(name, seconds, published.directory());
  }
}
