package io.lorashear.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import java.util.Locale;

/**
 * The remaining time and operations of a workload after a share of the model's parameters was
 * pruned.
 *
 * <pre>
 *   time left = best repetition of the pruned model / best repetition of the dense one
 * </pre>
 *
 * @param ratio share of the parameters that was pruned
 * @param operations remaining share of the matrix products' operations
 * @param dense times of the whole model
 * @param pruned times of the pruned one, measured in turn
 */
public record Saving(
    Workload workload, double ratio, double operations, Repetitions dense, Repetitions pruned) {

  /** The remaining share of processor time, which does not depend on other programs. */
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
