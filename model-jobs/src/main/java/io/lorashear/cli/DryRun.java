package io.lorashear.cli;

import io.lorashear.run.DiskSpace;
import io.lorashear.run.FoundFiles;
import io.lorashear.run.Stage;
import io.lorashear.settings.Settings;
import java.nio.file.Path;
import java.util.StringJoiner;

/** Describes what a stage would read and write, for {@code --dry-run}. Nothing is written. */
public final class DryRun {
  private static final String OUTPUT = "output";

  private DryRun() {}

  /**
   * The plan of one stage, for people: every path of its settings with its current content.
   *
   * @param stage the stage, all of whose inputs were checked
   * @throws io.lorashear.InputException if a run would fail before its work
   */
  public static String of(Stage stage, Record settings) {
    boolean done = stage.check().isPresent();
    var paths = Settings.paths(settings);
    int width = paths.keySet().stream().mapToInt(String::length).max().orElse(0);
    var lines = new StringJoiner(System.lineSeparator());
    lines.add(
        stage.name()
            + (done
                ? ": done already, from these inputs, settings and code; nothing would be made of"
                : ": the settings are in order; with them it would use"));
    paths.forEach(
        (key, path) ->
            lines.add(
                ("  %-" + width + "s  %s: %s")
                    .formatted(key, path, key.equals(OUTPUT) ? output(stage, done) : input(path))));
    return lines.toString();
  }

  /**
   * Describes an input; a missing one is not an error, because the stage has checked the inputs
   * that it needs.
   */
  private static String input(Path path) {
    var found = FoundFiles.at(path);
    return found.count() == 0 ? "nothing there, and nothing is read of it" : found.text();
  }

  private static String output(Stage stage, boolean done) {
    if (done) {
      return "published";
    }
    long free = DiskSpace.free(stage.target());
    var text =
        "to be written, up to about %s; %s are free there"
            .formatted(DiskSpace.text(stage.most()), DiskSpace.text(free));
    return free < stage.most() ? text + ", which may be too little" : text;
  }
}
