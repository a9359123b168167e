package io.lorashear.run;

import io.lorashear.metrics.MetricsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The folder for files that can be made again: {@code LORASHEAR_CACHE} or ~/.cache/lorashear.
 *
 * @param folder need not exist
 */
public record CacheFolder(Path folder) {
  /** The part with copies of files that are in stores. */
  public static final String STORES = "stores";

  /** The part with results for stores that are not published there yet. */
  static final String UNPUBLISHED = "unpublished";

  /** Names of the parts that this program keeps here; anything else in the folder is left alone. */
  private static final List<String> PARTS =
      List.of(
          "classes", "demo-model", "djl", "hashes", "reference", STORES, "tokenizers", UNPUBLISHED);

  /** One file or folder of the cache, with its total size in bytes. */
  public record Part(Path path, long bytes) {}

  /** The cache folder of the current user. */
  public static CacheFolder ofUser() {
    return new CacheFolder(
        Optional.ofNullable(System.getenv("LORASHEAR_CACHE"))
            .filter(named -> !named.isBlank())
            .map(Path::of)
            .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache", "lorashear")));
  }

  /**
   * Whether files can be written here: in the folder, or, if it does not exist, in its nearest
   * existing parent.
   */
  public boolean usable() {
    var existing = folder.toAbsolutePath().normalize();
    while (!Files.exists(existing)) {
      existing = Objects.requireNonNull(existing.getParent()); // the root exists
    }
    return Files.isDirectory(existing)
        && Files.isWritable(existing)
        && DiskSpace.free(existing) > 0;
  }

  /** The existing parts, in the order of names. */
  public List<Part> parts() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var entries = Files.newDirectoryStream(folder, CacheFolder::isOurs)) {
      var parts = new ArrayList<Part>();
      for (Path entry : entries) {
        parts.add(new Part(entry, FileTrees.bytes(entry)));
      }
      parts.sort((a, b) -> a.path().compareTo(b.path()));
      return parts;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Deletes all parts. A command that needs one makes it again. */
  public void clean() {
    try {
      for (Part part : parts()) {
        FileTrees.delete(part.path());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOurs(Path entry) {
    var name = entry.getFileName().toString();
    return PARTS.stream()
        .anyMatch(
            part ->
                name.equals(part)
                    || name.equals(part + ".run.json")
                    || name.equals(part + ".tensorboard")
                    || name.equals(part + MetricsFile.SUFFIX)
                    || name.startsWith("." + part + "."));
  }
}
