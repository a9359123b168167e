package io.lorashear.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.device.ModelRuns;
import io.lorashear.settings.Settings;
import io.lorashear.settings.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A record of a run, for people: time, duration, machine, settings, seeds, and the devices and
 * number types of its models. It is written next to the output as {@code NAME.run.json} and is
 * never part of the output's hashes, because the output has the same bytes whenever and wherever it
 * is made.
 */
public final class RunRecord {
  private final Instant started = Instant.now();
  private final long startedNanos = System.nanoTime();
  private final int modelsBefore = ModelRuns.count();
  private final ObjectNode fields = Json.MAPPER.createObjectNode();

  private RunRecord(String command, ObjectNode settings) {
    fields.put("command", command);
    fields.set("settings", settings);
    fields.putObject("seeds");
    fields.putObject("parents");
    fields.putObject("measured");
  }

  /** Starts the record and its clock. */
  public static RunRecord start(String command, Record settings) {
    return start(command, Settings.json(settings));
  }

  /** Starts a record with settings in their recorded form. */
  public static RunRecord start(String command, ObjectNode settings) {
    return new RunRecord(command, settings);
  }

  public RunRecord seed(String what, long seed) {
    fields.withObject("/seeds").put(what, seed);
    return this;
  }

  public RunRecord parent(String role, String sha256) {
    fields.withObject("/parents").put(role, sha256);
    return this;
  }

  /** Records a figure that may differ between runs: tokens per second, peak memory. */
  public RunRecord measured(String what, double value) {
    fields.withObject("/measured").put(what, value);
    return this;
  }

  /** Whether the record next to {@code output} is about what is published there now. */
  public static boolean isOf(PublishedDirectory output) {
    try {
      var record = Json.MAPPER.readTree(Files.readAllBytes(beside(output)));
      return record.path("outputHash").asText().equals(output.hash());
    } catch (IOException e) {
      return false; // there is none, or it is damaged
    }
  }

  private static Path beside(PublishedDirectory output) {
    return output.directory().resolveSibling(output.directory().getFileName() + ".run.json");
  }

  /** Writes the record next to {@code output}. */
  public Path write(PublishedDirectory output) {
    fields.put("output", output.directory().toString()).put("outputHash", output.hash());
    fields.put("started", started.toString()).put("finished", Instant.now().toString());
    fields.put("seconds", Duration.ofNanos(System.nanoTime() - startedNanos).toMillis() / 1000.0);
    fields.set("machine", machine());
    var models = fields.putArray("models");
    for (var running : ModelRuns.since(modelsBefore)) {
      models
          .addObject()
          .put("device", running.device())
          .put("numbers", running.numbers())
          .put("by", running.torch());
    }
    fields.put("commit", System.getProperty("lorashear.commit", "unknown"));
    try {
      return replace(beside(output), Json.text(fields));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path replace(Path file, String text) throws IOException {
    if (!Storage.isLocal(file)) {
      return Files.writeString(file, text);
    }
    var unfinished = file.resolveSibling("." + file.getFileName() + ".unfinished");
    Files.writeString(unfinished, text);
    return Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static ObjectNode machine() {
    var runtime = Runtime.getRuntime();
    return Json.MAPPER
        .createObjectNode()
        .put("system", property("os.name") + " " + property("os.version"))
        .put("architecture", property("os.arch"))
        .put("processors", runtime.availableProcessors())
        .put("maximumHeapBytes", runtime.maxMemory())
        .put("java", property("java.runtime.version"));
  }

  private static @Nullable String property(String name) {
    return System.getProperty(name);
  }
}
