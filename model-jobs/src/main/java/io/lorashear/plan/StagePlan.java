package io.lorashear.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.run.DiskSpace;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.StringJoiner;

/**
 * What a stage will need, computed before it runs.
 *
 * @param memories of the devices in question, bytes
 * @param operationsPerSecond what a benchmark reached, if one was given
 */
public record StagePlan(Work work, List<Long> memories, OptionalDouble operationsPerSecond) {

  /** Bytes of the device's memory that it takes. */
  public double peak() {
    return MemoryPlan.of(work).peak();
  }

  /** The same of a device that has {@code bytes}: the float32 weights are there if they fit. */
  public double peak(long bytes) {
    return MemoryPlan.of(work.on(bytes)).peak();
  }

  /** Bytes of the host's memory that it takes besides. */
  public double host() {
    return MemoryPlan.of(work).host().stream().mapToDouble(MemoryPlan.Part::bytes).sum();
  }

  /** Whether it fits in that many bytes, and if not, which settings would make it fit. */
  public String fit(long bytes) {
    var there = work.on(bytes);
    long peak = peak(there);
    var device = DiskSpace.text(bytes);
    if (peak <= bytes) {
      var with = " with the float32 weights, a peak of " + DiskSpace.text(peak);
      return "fits in " + device + (work.apart() && !there.apart() ? with : "");
    }
    var remedy = Remedy.of(there, bytes);
    if (remedy.isPresent()) {
      var needed = DiskSpace.text(peak(remedy.get().work()));
      var settings = String.join(" --set ", remedy.get().settings());
      return "does not fit in %s; with --set %s it takes %s".formatted(device, settings, needed);
    }
    return "does not fit in %s, whatever the settings: take a larger device".formatted(device);
  }

  private static long peak(Work work) {
    return Math.round(MemoryPlan.of(work).peak());
  }

  /** Seconds the stage will take at the benchmark's speed. */
  OptionalDouble seconds() {
    return operationsPerSecond.isPresent() && work.operations() > 0
        ? OptionalDouble.of(work.operations() / operationsPerSecond.getAsDouble())
        : OptionalDouble.empty();
  }

  /** As a readable table. */
  public String table() {
    var memory = MemoryPlan.of(work);
    var lines = new StringJoiner(System.lineSeparator());
    memory.always().forEach(part -> lines.add(row(part.name(), part.bytes())));
    memory.pass().forEach(part -> lines.add(row("in a pass: " + part.name(), part.bytes())));
    memory.between().forEach(part -> lines.add(row("between: " + part.name(), part.bytes())));
    lines.add(row("peak", memory.peak()));
    memory.host().forEach(part -> lines.add(row("on the host: " + part.name(), part.bytes())));
    if (work.stateBytes() > 0) {
      lines.add(row("on disk: each of up to three states", work.stateBytes()));
    }
    memories.forEach(bytes -> lines.add(fit(bytes)));
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "%,d tokens %s, %s scored%s, %.3g operations",
            work.learning().trains() ? work.tokens() : 0,
            work.learning().update() == Learning.Update.MEASURED
                ? "whose gradients are measured"
                : "trained on",
            scored(),
            looked(),
            work.operations()));
    lines.add(time());
    return lines.toString();
  }

  private static String row(String name, double bytes) {
    return "%-40s %12s".formatted(name, DiskSpace.text(Math.round(bytes)));
  }

  /**
   * The message after this work ran out of memory: the planned peak, and the setting that helps.
   *
   * @param bytes of the device; 0 if unknown
   */
  public static String shortage(Work work, long bytes) {
    var there = work.on(bytes);
    long peak = peak(there);
    var figure = "lorashear plan computes a peak of " + DiskSpace.text(peak);
    if (bytes >= peak) {
      return figure
          + ", and it has %s: something else uses its memory, nvidia-smi shows what"
              .formatted(DiskSpace.text(bytes));
    }
    var remedy = Remedy.of(there, bytes > 0 ? bytes : peak - 1);
    if (remedy.isEmpty()) {
      return figure
          + (bytes > 0
              ? ", and no setting brings it below " + DiskSpace.text(bytes)
              : ", and no setting makes it less")
          + ": take a larger device";
    }
    return figure
        + "; with --set %s it takes %s"
            .formatted(
                String.join(" --set ", remedy.get().settings()),
                DiskSpace.text(peak(remedy.get().work())));
  }

  private String scored() {
    return work.forward().scored().isPresent()
        ? String.format(Locale.ROOT, "%,d", work.forward().scored().getAsLong())
        : "the questions'";
  }

  private String looked() {
    long tokens = work.forward().looking().tokens();
    return tokens > 0 ? String.format(Locale.ROOT, ", %,d looked at", tokens) : "";
  }

  private String time() {
    if (work.forward().scored().isEmpty()) {
      return "how long it takes hangs on the questions, which are not read here";
    }
    if (work.operations() == 0) {
      return "its time is that of reading and writing the weights, which no bench tells";
    }
    var seconds = seconds();
    if (seconds.isEmpty()) {
      return "for the time, measure this device: lorashear bench train --json FILE, then --bench"
          + " FILE";
    }
    double scored = Math.max(work.forward().scored().orElse(0), work.forward().looking().tokens());
    double tokens = work.learning().trains() ? work.tokens() : scored;
    return String.format(
        Locale.ROOT,
        "about %.1f tokens/s, %.2f hours",
        tokens / seconds.getAsDouble(),
        seconds.getAsDouble() / 3600);
  }

  /** Everything as JSON; memory in bytes. */
  public ObjectNode toJson() {
    var memory = MemoryPlan.of(work);
    var json = JsonFile.object().put("peak_bytes", Math.round(memory.peak()));
    parts(json.putObject("always"), memory.always());
    parts(json.putObject("in_a_pass"), memory.pass());
    parts(json.putObject("between_passes"), memory.between());
    parts(json.putObject("on_the_host"), memory.host());
    var fits = json.putArray("devices");
    for (long bytes : memories) {
      var there = work.on(bytes);
      long peak = peak(there);
      var device = fits.addObject().put("bytes", bytes).put("fits", peak <= bytes);
      device.put("peak_bytes", peak);
      if (peak > bytes) {
        var settings = device.putArray("settings_that_fit");
        Remedy.of(there, bytes).ifPresent(remedy -> remedy.settings().forEach(settings::add));
      }
    }
    json.put("state_bytes", Math.round(work.stateBytes()));
    json.put("tokens", work.learning().trains() ? work.tokens() : 0);
    work.forward().scored().ifPresent(tokens -> json.put("scored_tokens", tokens));
    json.put("looked_at_tokens", work.forward().looking().tokens());
    json.put("operations", work.operations());
    seconds().ifPresent(value -> json.put("seconds", value));
    return json;
  }

  private static void parts(ObjectNode json, List<MemoryPlan.Part> parts) {
    parts.forEach(part -> json.put(part.name(), Math.round(part.bytes())));
  }
}
