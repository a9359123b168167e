package io.lorashear.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds published folders by their hashes, because a manifest contains no paths. */
public final class Nearby {
  /** Levels from recovered/text/round-2 up to the folder that contains pruned and corpus. */
  private static final int LEVELS = 3;

  private Nearby() {}

  /**
   * The published folder with this {@code hash}, next to {@code folder} or next to one of its
   * parents.
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

  /** The published folders in {@code parent}; none if it may not be read. */
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
