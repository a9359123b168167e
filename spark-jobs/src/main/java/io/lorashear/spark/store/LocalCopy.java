package io.lorashear.spark.store;

import io.lorashear.InputException;
import io.lorashear.settings.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Local copies of a store's files, for example of weights that are mapped into memory. Each file is
 * fetched once per JVM and deleted at its end.
 */
public final class LocalCopy {
  private record Original(Path path, String hash) {}

  private static final ConcurrentHashMap<Original, Path> COPIES = new ConcurrentHashMap<>();

  private LocalCopy() {}

  /**
   * The path itself if it is local, otherwise that of a copy.
   *
   * @param hash hash of the content, so that changed content at the same address is fetched again
   * @throws InputException if the file is missing or cannot be read
   */
  public static Path of(Path path, String hash) {
    return Storage.isLocal(path)
        ? path
        : COPIES.computeIfAbsent(new Original(path, hash), LocalCopy::fetched);
  }

  private static Path fetched(Original original) {
    var from = original.path();
    try {
      var folder = Files.createTempDirectory("lorashear-copy");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      var copy = folder.resolve(String.valueOf(from.getFileName()));
      for (var file : files(from)) {
        var target = copy.resolve(from.relativize(file).toString());
        Files.createDirectories(target.getParent());
        try (var bytes = Files.newInputStream(file)) {
          Files.copy(bytes, target);
        }
      }
      return copy;
    } catch (NoSuchFileException e) {
      throw new InputException(e, "%s: no such file or folder; correct the path", from);
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read (%s)", from, e.getMessage());
    }
  }

  private static List<Path> files(Path path) throws IOException {
    try (var all = Files.walk(path)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  private static void delete(Path folder) {
    try (var all = Files.walk(folder)) {
      for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
