package io.lorashear.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import java.util.Locale;

/**
 * What is left of a workload's time and operations when a share of the model's parameters is gone.
 *
 * <pre>
 *   time left = best repetition of the pruned model / best repetition of the dense one
 * </pre>
 *
 * @param ratio the share of the parameters that is gone
 * @param operations the share of the matrix products' operations that is left
 * @param dense times of the whole model
 * @param pruned times of the pruned one, taken in turn
 */
public record Saving(
    Workload workload, double ratio, double operations, Repetitions dense, Repetitions pruned) {

  /** The share of the processor's time that is left; other programs do not lengthen it. */
  public double time() {
    return pruned.bestProcessor() / dense.bestProcessor();
  }

  /** As JSON; times in seconds. */
  public ObjectNode toJson() {
    var json = JsonFile.object().put("workload", workload.toString()).put("pruned", ratio);
    json.put("operations_left", operations);
    json.put("time_left", pruned.best() / dense.best());
    json.put("time_left_processor_time", time());
    json.put("time_by_operations", time() / operations);
    Measurement.times(json, "dense_seconds", dense.seconds());
    Measurement.times(json, "dense_processor_seconds", dense.processorSeconds());
    Measurement.times(json, "pruned_seconds", pruned.seconds());
    Measurement.times(json, "pruned_processor_seconds", pruned.processorSeconds());
    return json;
  }

  /** As a table for people. */
  public String table() {
    return String.join(
        System.lineSeparator(),
        row("parameters left", 1 - ratio),
        row("operations left", operations),
        row("time left", pruned.best() / dense.best()),
        row("  by processor time", time()),
        row("  beside the operations", time() / operations));
  }

  private static String row(String name, double share) {
    return String.format(Locale.ROOT, "%-24s %12.3f", name, share);
  }
}
