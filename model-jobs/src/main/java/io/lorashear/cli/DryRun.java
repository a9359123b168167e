package io.lorashear.cli;

import io.lorashear.run.DiskSpace;
import io.lorashear.run.Publication;
import io.lorashear.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringJoiner;

/** What a stage would read and write, for {@code --dry-run}. Nothing is written. */
public final class DryRun {
  private static final String OUTPUT = "output";

  private DryRun() {}

  /** The plan of one stage, for people: every path of its settings with what is there now. */
  public static String of(String stage, Record settings) {
    var paths = Settings.paths(settings);
    int width = paths.keySet().stream().mapToInt(String::length).max().orElse(0);
    var lines = new StringJoiner(System.lineSeparator());
    lines.add(stage + ": the settings are in order; with them it would use");
    paths.forEach(
        (key, path) ->
            lines.add(
                ("  %-" + width + "s  %s: %s")
                    .formatted(key, path, key.equals(OUTPUT) ? output(path) : input(path))));
    return lines.toString();
  }

  private static String output(Path path) {
    var state =
        Files.isRegularFile(path.resolve(Publication.MANIFEST))
            ? "published (kept, if it is of these inputs, settings and code)"
            : "to be written";
    return state + "; " + DiskSpace.text(DiskSpace.free(path)) + " are free there";
  }

  private static String input(Path path) {
    var found = FoundFiles.at(path);
    return found.count() == 0
        ? "nothing there"
        : "%s in %,d file%s"
            .formatted(DiskSpace.text(found.bytes()), found.count(), found.count() == 1 ? "" : "s");
  }
}
