package io.lorashear.run;

import io.lorashear.InputException;
import io.lorashear.stop.StopRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Copies a result that was made on this machine to a store, its manifest last.
 *
 * <pre>
 *   CACHE/unpublished/HASH/NAME     the result until it is copied; HASH of the address
 *   CACHE/unpublished/HASH/NAME.…   what lies beside it, such as the run's figures; copied beside
 *                                   the target
 * </pre>
 */
final class ToStore {
  private static final int ATTEMPTS = 4;

  private ToStore() {}

  /** The folder on this machine that stands for {@code target}. */
  static Path place(Path target) {
    var absolute = target.toAbsolutePath().normalize();
    return CacheFolder.ofUser()
        .folder()
        .toAbsolutePath()
        .resolve(CacheFolder.UNPUBLISHED)
        .resolve(Sha256.of(absolute.toString()).substring(0, 16))
        .resolve(String.valueOf(absolute.getFileName()));
  }

  /**
   * Publishes {@code here} at {@code target}, and removes it from this machine.
   *
   * @throws InputException if the store refuses it; then it stays
   */
  static PublishedDirectory publish(PublishedDirectory here, Path target) {
    try (var there = Publication.begin(target)) {
      for (var file : here.files()) {
        copy(here.directory().resolve(file.name()), there.directory().resolve(file.name()));
      }
      there.finish(Files.readString(here.directory().resolve(Publication.MANIFEST)));
      var apart = Objects.requireNonNull(here.directory().getParent());
      copyBeside(apart, here.directory().getFileName() + ".", target);
      var published = PublishedDirectory.open(target);
      FileTrees.delete(apart);
      return published;
    } catch (IOException | InputException e) {
      throw new InputException(
          e,
          "%s could not be written (%s): check the network, the address and the credentials; the"
              + " result is in %s, and the same command copies it",
          target,
          e.getMessage(),
          here.directory());
    }
  }

  private static void copyBeside(Path apart, String prefix, Path target) throws IOException {
    for (var file : FileTrees.files(apart)) {
      var name = FileTrees.name(apart, file);
      if (name.startsWith(prefix)) {
        copy(file, target.resolveSibling(name));
      }
    }
  }

  /** A store writes a file as a whole, so that a failed copy is begun again. */
  private static void copy(Path from, Path to) throws IOException {
    for (int attempt = 1; ; attempt++) {
      StopRequest.check();
      try (var bytes = Files.newInputStream(from);
          var out = Files.newOutputStream(to)) {
        bytes.transferTo(out);
        return;
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }
}
