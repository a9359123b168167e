package io.lorashear.run;

import io.lorashear.InputException;
import io.lorashear.settings.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/** Checks that the output of a stage does not overlap with its inputs, with links resolved. */
record Apart(Path target) {
  private static final String OUTPUT = "output";

  /**
   * Keys of folders from which only files of known names are read, so that the output may lie
   * inside.
   */
  private static final Pattern OF_NAMES = Pattern.compile("(?:.*\\.)?(?:benchmarks|tokenizer)");

  static Apart of(Path target) {
    return new Apart(real(target));
  }

  /**
   * @param inputs paths of the settings by their keys; the key {@code output} is ignored
   * @throws InputException if the target is an input, is inside one or contains one
   */
  void require(Map<String, Path> inputs) {
    inputs.forEach(
        (key, input) -> {
          if (!key.equals(OUTPUT) && Storage.isLocal(input) && Storage.isLocal(target)) {
            require(key, input);
          }
        });
  }

  private void require(String key, Path input) {
    if (OF_NAMES.matcher(key).matches() ? target.equals(real(input)) : isWithin(input)) {
      throw new InputException(
          "output is %s, which is %s itself or inside of it (%s): what is written there would be"
              + " read, so name a folder outside",
          target, key, input);
    }
    if (!FoundFiles.isGlob(input) && real(input).startsWith(target) && Files.exists(input)) {
      throw new InputException(
          "output is %s, and %s is inside of it (%s): a result is replaced whole, so name another"
              + " folder",
          target, key, input);
    }
  }

  private boolean isWithin(Path input) {
    return FoundFiles.isGlob(input) ? matches(input) : target.startsWith(real(input));
  }

  private boolean matches(Path glob) {
    var matcher =
        FileSystems.getDefault().getPathMatcher("glob:" + glob.toAbsolutePath().normalize());
    for (var at = target; at != null; at = at.getParent()) {
      if (matcher.matches(at)) {
        return true;
      }
    }
    return false;
  }

  /** The path with links resolved, as far as it exists. */
  private static Path real(Path path) {
    var existing = path.toAbsolutePath().normalize();
    if (!Storage.isLocal(path)) {
      return existing;
    }
    var rest = FileSystems.getDefault().getPath("");
    while (!Files.exists(existing)) {
      rest = Objects.requireNonNull(existing.getFileName()).resolve(rest);
      existing = Objects.requireNonNull(existing.getParent()); // the root exists
    }
    try {
      return existing.toRealPath().resolve(rest).normalize();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
