package io.lorashear.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.run.DiskSpace;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Speed of one workload.
 *
 * <pre>
 *   fraction of the limit = best repetition of ours / best repetition of the limit
 * </pre>
 *
 * Best repetitions are compared because other work on the machine can only slow one down.
 *
 * @param workload which
 * @param amount amount of work of one repetition, in units of the workload
 * @param ours times of the product
 * @param limitName description of the limit
 * @param limit times of the limit, measured in turn with ours; null if there is none
 * @param peakBytes peak resident memory before the limit's arrays were created, if known
 * @param setting conditions of the figures: model, shapes, device
 */
public record Measurement(
    Workload workload,
    double amount,
    Repetitions ours,
    String limitName,
    @Nullable Repetitions limit,
    OptionalLong peakBytes,
    Map<String, Object> setting) {

  /** The share of the limit that was reached; 0 if there is no limit. */
  public double fraction() {
    return limit == null ? 0 : limit.best() / ours.best();
  }

  /** The share by processor time, which does not depend on other programs on the machine. */
  public double processorFraction() {
    return limit == null ? 0 : limit.bestProcessor() / ours.bestProcessor();
  }

  /** As JSON; speeds are those of the best repetitions. */
  public ObjectNode toJson() {
    var json = JsonFile.object().put("workload", workload.toString());
    var unit = workload.unit() + "_per_second";
    json.put(unit, amount / ours.best());
    json.put("median_" + unit, amount / ours.median());
    json.put("slowest_" + unit, amount / ours.slowest());
    if (limit != null) {
      json.put("limit", limitName);
      json.put("limit_" + unit, amount / limit.best());
      json.put("fraction_of_limit", fraction());
      json.put("fraction_of_limit_processor_time", processorFraction());
    }
    if (peakBytes.isPresent()) {
      json.put("peak_rss_bytes", peakBytes.getAsLong());
    }
    setting.forEach(json::putPOJO);
    json.put(workload.unit(), amount);
    times(json, "seconds", ours.seconds());
    times(json, "processor_seconds", ours.processorSeconds());
    if (limit != null) {
      times(json, "limit_seconds", limit.seconds());
      times(json, "limit_processor_seconds", limit.processorSeconds());
    }
    return json;
  }

  static void times(ObjectNode json, String name, List<Double> values) {
    var seconds = json.putArray(name);
    values.forEach(seconds::add);
  }

  /** As a table for people. */
  public String table() {
    var lines = new StringJoiner(System.lineSeparator());
    setting.forEach((name, value) -> lines.add("%-24s %s".formatted(name, value)));
    lines.add("");
    lines.add(
        "%-24s %12s %12s %12s".formatted(workload.unit() + "/s", "best", "median", "slowest"));
    lines.add(row(workload.toString(), ours));
    if (limit != null) {
      lines.add(row(limitName, limit));
      lines.add(String.format(Locale.ROOT, "%-24s %12.3f", "fraction of the limit", fraction()));
      lines.add(
          String.format(Locale.ROOT, "%-24s %12.3f", "  by processor time", processorFraction()));
    }
    if (peakBytes.isPresent()) {
      lines.add("%-24s %12s".formatted("peak memory", DiskSpace.text(peakBytes.getAsLong())));
    }
    return lines.toString();
  }

  private String row(String name, Repetitions times) {
    return String.format(
        Locale.ROOT,
        "%-24s %,12.1f %,12.1f %,12.1f",
        name,
        amount / times.best(),
        amount / times.median(),
        amount / times.slowest());
  }
}
