package io.lorashear.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;

/**
 * A folder that appears whole or not at all.
 *
 * <pre>
 *   try (var publication = Publication.begin(target)) {
 *     write(publication.directory());           a hidden sibling: .NAME.unfinished
 *     publication.publish(manifest);            names every file in manifest.json, then renames
 *   }
 * </pre>
 *
 * Whoever is killed before the rename leaves the target as it was; what it had written is thrown
 * away when the same target is begun again. Two processes cannot begin the same target at once.
 */
public final class Publication implements AutoCloseable {
  /** The file that is written last, and names all others. */
  public static final String MANIFEST = "manifest.json";

  private final Path target;
  private final Path unfinished;
  private final Path replaced;
  private final Path lockFile;
  private final FileChannel lock;

  private Publication(Path target, Path lockFile, FileChannel lock) {
    this.target = target;
    this.unfinished = sibling(target, "unfinished");
    this.replaced = sibling(target, "replaced");
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /**
   * Prepares an empty folder to be published at {@code target}. An earlier publication there stays
   * until the new one takes its place.
   *
   * @throws InputException where the target holds files that were never published, or another
   *     process is writing it
   */
  public static Publication begin(Path target) {
    var absolute = target.toAbsolutePath().normalize();
    if (absolute.getFileName() == null) {
      throw new InputException("%s cannot be an output folder: name a folder inside it", target);
    }
    try {
      Files.createDirectories(absolute.getParent());
      var lockFile = sibling(absolute, "lock");
      var publication = new Publication(absolute, lockFile, lock(lockFile, target));
      try {
        publication.prepare();
        return publication;
      } catch (IOException | RuntimeException e) {
        publication.release();
        throw e;
      }
    } catch (IOException e) {
      throw new InputException(
          e, "%s cannot be written (%s): choose another folder or give it rights", target, e);
    }
  }

  private static FileChannel lock(Path file, Path target) throws IOException {
    var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // the same refusal as for another process
    }
    channel.close();
    throw new InputException(
        "%s is being written by another run: wait for it, or choose another folder", target);
  }

  private void prepare() throws IOException {
    if (Files.isDirectory(replaced) && !Files.exists(target)) {
      Files.move(replaced, target); // killed between the two renames of an earlier replacement
    }
    FileTrees.delete(replaced);
    FileTrees.delete(unfinished);
    if (Files.exists(target) && !isOurs(target)) {
      throw new InputException(
          "%s holds files that this program did not publish: remove them or choose another folder",
          target);
    }
    Files.createDirectory(unfinished);
  }

  private static boolean isOurs(Path folder) throws IOException {
    return Files.isDirectory(folder)
        && (Files.isRegularFile(folder.resolve(MANIFEST)) || FileTrees.files(folder).isEmpty());
  }

  /** Where to write. Sub-folders are allowed. */
  public Path directory() {
    return unfinished;
  }

  /**
   * Adds to {@code manifest} the name, size and SHA-256 of every file written, and puts the folder
   * in its place. The bytes are on the disk before the new name is.
   */
  public PublishedDirectory publish(ObjectNode manifest) {
    try {
      var files = manifest.putArray("files");
      List<Path> written = FileTrees.files(unfinished);
      for (Path file : written) {
        FileTrees.sync(file);
        new FileEntry(FileTrees.name(unfinished, file), Files.size(file), Sha256.of(file))
            .addTo(files);
      }
      var manifestFile = unfinished.resolve(MANIFEST);
      Files.writeString(manifestFile, Json.text(manifest));
      FileTrees.sync(manifestFile);
      moveIntoPlace();
      return new PublishedDirectory(target, manifest);
    } catch (IOException e) {
      throw new UncheckedIOException(target + " could not be published", e);
    }
  }

  private void moveIntoPlace() throws IOException {
    if (Files.exists(target)) {
      Files.move(target, replaced, StandardCopyOption.ATOMIC_MOVE);
    }
    Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    FileTrees.sync(Objects.requireNonNull(target.getParent()));
    FileTrees.delete(replaced);
  }

  /** Throws away what was not published. */
  @Override
  public void close() {
    try {
      FileTrees.delete(unfinished);
      release();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void release() throws IOException {
    if (lock.isOpen()) {
      Files.deleteIfExists(lockFile);
      lock.close();
    }
  }

  private static Path sibling(Path target, String role) {
    return target.resolveSibling("." + target.getFileName() + "." + role);
  }
}
