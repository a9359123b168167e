package io.lorashear.settings;

import io.lorashear.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Paths of this machine as users write them. */
final class LocalPath {
  /** A home folder or a variable, which a shell expands and a settings file does not. */
  private static final Pattern OF_A_SHELL =
      Pattern.compile("~[\\w-]*(?:/.*)?|(?:.*/)?\\$(?:\\w+|\\{\\w+})(?:/.*)?|.*\\$\\{\\w+}.*");

  private LocalPath() {}

  /**
   * The path.
   *
   * @throws InputException if it is empty; or if it does not exist and has white space around it or
   *     needs expansion by a shell, because a folder of that literal name would be created
   * @throws java.nio.file.InvalidPathException if it is not a valid path
   */
  static Path of(String text) {
    if (text.isBlank()) {
      throw new InputException("the path is empty: give one");
    }
    var path = Path.of(text);
    if (!text.equals(text.strip()) && !Files.exists(path)) {
      throw new InputException("'%s' begins or ends with white space: take it out", text);
    }
    if (OF_A_SHELL.matcher(text).matches() && !Files.exists(path)) {
      throw new InputException(
          "%s has a ~ or a $, which only a shell puts in: write the path out%s", text, home(text));
    }
    return path;
  }

  private static String home(String text) {
    return text.equals("~") || text.startsWith("~/")
        ? ", " + System.getProperty("user.home") + text.substring(1)
        : "";
  }
}
