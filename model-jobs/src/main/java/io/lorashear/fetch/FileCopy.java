package io.lorashear.fetch;

import java.nio.file.Path;

/**
 * A file on this machine that stays until this is closed.
 *
 * @param path the local file: a copy, or the original if it is on this machine
 * @param release ends its use
 */
public record FileCopy(Path path, Runnable release) implements AutoCloseable {

  static FileCopy original(Path file) {
    return new FileCopy(file, () -> {});
  }

  @Override
  public void close() {
    release.run();
  }
}
