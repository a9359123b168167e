package io.lorashear.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;

/**
 * A cache of SHA-256 hashes of large files: a file with the same path, size and modification time
 * counts as unchanged. Without a usable cache, hashes are computed each time.
 *
 * @param folder folder with one small file per hash; need not exist
 */
public record KnownHashes(Path folder) {
  private static final long LARGE =
      1 << 20; // bytes; hashing a smaller file is faster than a look-up

  /** The hashes in a cache folder. */
  public static KnownHashes in(Path cache) {
    return new KnownHashes(cache.resolve("hashes"));
  }

  /** The hash of {@code file}'s bytes, cached or computed now. */
  public String of(Path file) {
    try {
      if (Files.size(file) < LARGE) {
        return Sha256.of(file);
      }
      var path = file.toRealPath();
      var place = folder.resolve(Sha256.of(path.toString()));
      var state = state(path);
      var kept = Files.isRegularFile(place) ? Files.readString(place) : "";
      if (kept.startsWith(state)) {
        return kept.substring(state.length()).strip();
      }
      var hash = Sha256.of(path);
      if (state.equals(state(path))) { // the file did not change meanwhile
        keep(place, state + hash + "\n");
      }
      return hash;
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file, e);
    }
  }

  /** The state of a file that identifies its cached hash: path, size and modification time. */
  private static String state(Path path) throws IOException {
    long changed = Files.getLastModifiedTime(path).to(TimeUnit.NANOSECONDS);
    return "%s\n%d bytes, changed %d\n".formatted(path, Files.size(path), changed);
  }

  private void keep(Path place, String content) {
    try {
      Files.createDirectories(folder);
      var fresh = Files.createTempFile(folder, "writing", ".hash");
      Files.writeString(fresh, content);
      Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // If the folder cannot be written, hashes are computed again next time.
    }
  }
}
