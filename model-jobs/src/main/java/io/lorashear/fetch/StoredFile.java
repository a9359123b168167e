package io.lorashear.fetch;

import io.lorashear.InputException;
import io.lorashear.run.FileEntry;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One version of a file in a store.
 *
 * @param size bytes
 * @param version differs when the content does: the SHA-256, or size and time of the last change
 * @param sha256 hash of the content, if a manifest names it
 */
record StoredFile(Path file, long size, String version, Optional<String> sha256) {
  /** Folders above a file whose manifest may name it, as that of a checkpoint its adapter. */
  private static final int ABOVE = 2;

  static StoredFile named(Path file, FileEntry entry) {
    return new StoredFile(file, entry.size(), entry.sha256(), Optional.of(entry.sha256()));
  }

  /**
   * The file as the manifest of its folder names it; without one, as it is now.
   *
   * @throws InputException if it cannot be read, or has another size than the manifest says
   */
  static StoredFile found(Path file) {
    try {
      var folder = file.toAbsolutePath().normalize().getParent();
      for (int up = 0; up < ABOVE && folder != null; up++, folder = folder.getParent()) {
        if (Files.exists(folder.resolve(Publication.MANIFEST))) {
          var named = named(PublishedDirectory.open(folder), file);
          if (named.isPresent()) {
            return named.get();
          }
        }
      }
      long size = Files.size(file);
      var changed = Files.getLastModifiedTime(file);
      var version = "%d bytes, changed %s".formatted(size, changed);
      return new StoredFile(file, size, version, Optional.empty());
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read (%s)", file, e.getMessage());
    }
  }

  private static Optional<StoredFile> named(PublishedDirectory folder, Path file) {
    var name = folder.directory().relativize(file.toAbsolutePath().normalize()).toString();
    return folder.files().stream()
        .filter(entry -> entry.name().equals(name))
        .findFirst()
        .map(entry -> named(file, entry));
  }

  /** Name of its copy: 32 hexadecimal digits of a hash of address and version. */
  String key() {
    return Sha256.of(file + "\n" + version).substring(0, 32);
  }
}
