package io.lorashear.cli;

import io.lorashear.settings.Settings;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** What every stage of the model side takes. */
final class StageOptions {
  @Option(names = "--config", paramLabel = "FILE", required = true, description = "Settings, YAML.")
  Path config = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One setting, in place of the file's; may be given again.")
  List<String> set = List.of();

  @Option(names = "--overwrite", description = "Replace a result of other inputs or settings.")
  boolean overwrite;

  <T extends Record> T settings(Class<T> type) {
    return Settings.load(type, config, set);
  }
}
