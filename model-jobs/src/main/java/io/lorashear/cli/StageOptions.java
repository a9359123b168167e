package io.lorashear.cli;

import io.lorashear.run.Stage;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options of every stage: settings, and how to treat existing results. */
public final class StageOptions {
  @Spec(Spec.Target.MIXEE)
  CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      required = true,
      description =
          "Settings, YAML; examples are under conf/, and docs/settings.md lists every key.")
  Path config = Path.of("");

  @Mixin SetOption set = new SetOption();

  @Option(
      names = "--overwrite",
      description = "Replaces a result of other inputs, settings or code.")
  boolean overwrite;

  @Option(
      names = "--dry-run",
      description = "Checks the settings; prints what would be read and written, and how much.")
  boolean dryRun;

  /**
   * The settings; empty for {@code --dry-run}, which prints the plan instead.
   *
   * @param ready makes the stage and checks its inputs
   */
  public <T extends Record> Optional<T> settings(Class<T> type, Function<T, Stage> ready) {
    return settings(type, ready, Overrides.none());
  }

  /**
   * The settings, with further options.
   *
   * @param options settings from other options of the command; they override the file's, and {@code
   *     --set} overrides them
   */
  public <T extends Record> Optional<T> settings(
      Class<T> type, Function<T, Stage> ready, Overrides options) {
    var settings = Settings.load(type, config, options.and(set.overrides()));
    if (!dryRun) {
      return Optional.of(settings);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(DryRun.of(ready.apply(settings).overwrite(overwrite), settings));
    out.flush();
    return Optional.empty();
  }

  /** Whether results of other inputs, settings or code may be replaced. */
  public boolean overwrite() {
    return overwrite;
  }
}
