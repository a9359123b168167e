package io.lorashear.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds published folders by their hashes, because a manifest names no paths. */
public final class Nearby {
  /** From recovered/text/round-2 up to the folder that pruned and corpus lie in. */
  private static final int LEVELS = 3;

  private Nearby() {}

  /**
   * The published folder of this {@code hash}, beside {@code folder} or beside one of its parents.
   */
  public static Optional<PublishedDirectory> find(Path folder, String hash) {
    var start = folder.toAbsolutePath().normalize().getParent();
    return Stream.iterate(start, above -> above != null, Path::getParent)
        .limit(LEVELS)
        .flatMap(Nearby::published)
        .filter(other -> hash.equals(Sha256.of(other.resolve(Publication.MANIFEST))))
        .findFirst()
        .map(PublishedDirectory::open);
  }

  /** As far as they may be read. */
  private static Stream<Path> published(Path parent) {
    try (var folders = Files.list(parent)) {
      return folders
          .filter(folder -> Files.isRegularFile(folder.resolve(Publication.MANIFEST)))
          .sorted()
          .toList()
          .stream();
    } catch (AccessDeniedException e) {
      return Stream.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
