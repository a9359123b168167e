package io.lorashear.checkpoint;

import java.nio.file.Path;
import java.util.Optional;

/** Where things are kept that can be made again: {@code LORASHEAR_CACHE} or ~/.cache/lorashear. */
final class CacheFolder {
  private CacheFolder() {}

  static Path ofUser() {
    return Optional.ofNullable(System.getenv("LORASHEAR_CACHE"))
        .map(Path::of)
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache", "lorashear"));
  }
}
