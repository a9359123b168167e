package io.lorashear.run;

import io.lorashear.settings.Settings;
import io.lorashear.settings.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Set;

/**
 * The local files of a path: a file, folder or glob.
 *
 * @param count number of files; -1 if they are not on this machine and were not counted
 * @param bytes total size in bytes
 */
public record FoundFiles(long count, long bytes) {
  private static final Set<String> BESIDES = Set.of("output", "checkpoint", "tokenizer");

  /** The files that exist now. */
  public static FoundFiles at(Path path) {
    if (!Storage.isLocal(path)) {
      return new FoundFiles(-1, 0);
    }
    var root = path;
    while (isGlob(root) && root.getParent() != null) {
      root = root.getParent();
    }
    if (isGlob(root)) {
      root = Path.of("");
    }
    if (!Files.exists(root)) {
      return new FoundFiles(0, 0);
    }
    PathMatcher matcher =
        isGlob(path)
            ? FileSystems.getDefault().getPathMatcher("glob:" + path + "{,/**}")
            : file -> true;
    try (var files = Files.walk(root)) {
      var sizes =
          files
              .filter(file -> Files.isRegularFile(file) && matcher.matches(file))
              .mapToLong(FoundFiles::size)
              .summaryStatistics();
      return new FoundFiles(sizes.getCount(), sizes.getSum());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes of a stage's local inputs other than models; an estimate of the size of its output. */
  static long read(Record settings) {
    return Settings.paths(settings).entrySet().stream()
        .filter(entry -> !BESIDES.contains(entry.getKey()))
        .mapToLong(entry -> at(entry.getValue()).bytes())
        .sum();
  }

  /** Text for people: number and size. */
  public String text() {
    if (count < 0) {
      return "not looked at, as it is not on this machine";
    }
    return count == 0
        ? "nothing there"
        : "%s in %,d file%s".formatted(DiskSpace.text(bytes), count, count == 1 ? "" : "s");
  }

  static boolean isGlob(Path path) {
    return path.toString().matches(".*[*?\\[{].*");
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
