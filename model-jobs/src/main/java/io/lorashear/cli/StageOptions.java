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

/** What every stage takes: settings, and how to treat what is there already. */
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
      description = "Replace a result of other inputs, settings or code.")
  boolean overwrite;

  @Option(
      names = "--dry-run",
      description = "Check the settings; say what would be read and written, and how much.")
  boolean dryRun;

  /**
   * The settings, or nothing where only the plan was wanted, which is printed then.
   *
   * @param ready the stage of these settings with all it reads looked at
   */
  public <T extends Record> Optional<T> settings(Class<T> type, Function<T, Stage> ready) {
    return settings(type, ready, Overrides.none());
  }

  /**
   * The same.
   *
   * @param options settings that other options of the command stand for: over the file's and under
   *     the user's own
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
