package io.lorashear.cli;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.run.DiskSpace;
import io.lorashear.run.FoundFiles;
import io.lorashear.run.Publication;
import io.lorashear.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** What a stage would read and write, for {@code --dry-run}. Nothing is written. */
public final class DryRun {
  private static final String OUTPUT = "output";
  private static final Set<String> BESIDES = Set.of(OUTPUT, "checkpoint", "tokenizer");

  private DryRun() {}

  /**
   * The plan of one stage, for people: every path of its settings with what is there now.
   *
   * @param most bytes that the result may have
   */
  public static String of(String stage, Record settings, long most) {
    var paths = Settings.paths(settings);
    int width = paths.keySet().stream().mapToInt(String::length).max().orElse(0);
    var lines = new StringJoiner(System.lineSeparator());
    lines.add(stage + ": the settings are in order; with them it would use");
    paths.forEach(
        (key, path) ->
            lines.add(
                ("  %-" + width + "s  %s: %s")
                    .formatted(
                        key,
                        path,
                        key.equals(OUTPUT) ? output(path, most) : FoundFiles.at(path).text())));
    return lines.toString();
  }

  /** Bytes of what a stage reads besides a model: what is made of it is not larger. */
  static long read(Record settings) {
    return Settings.paths(settings).entrySet().stream()
        .filter(entry -> !BESIDES.contains(entry.getKey()))
        .map(Map.Entry::getValue)
        .mapToLong(path -> FoundFiles.at(path).bytes())
        .sum();
  }

  /** Bytes of a model as it is written; those of a smaller one are fewer. */
  static long model(Path path) {
    try (var checkpoint = Checkpoint.open(path)) {
      return checkpoint.graph().parameterCount() * Float.BYTES;
    }
  }

  private static String output(Path path, long most) {
    var free = DiskSpace.text(DiskSpace.free(path)) + " are free there";
    return Files.isRegularFile(path.resolve(Publication.MANIFEST))
        ? "published (kept, if it is of these inputs, settings and code); " + free
        : "to be written, up to about %s; %s".formatted(DiskSpace.text(most), free);
  }
}
