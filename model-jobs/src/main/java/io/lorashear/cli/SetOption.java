package io.lorashear.cli;

import io.lorashear.settings.Overrides;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --set}: settings that a user gives one by one. */
public final class SetOption {
  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Overrides one setting of the file; may be repeated.")
  List<String> given = List.of();

  /** The given settings, of the form {@code key=value}. */
  public List<String> given() {
    return given;
  }

  /** The given settings as overrides; giving a key twice is a problem. */
  public Overrides overrides() {
    return Overrides.given(given);
  }
}
