package io.lorashear.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * A publication on this machine.
 *
 * <pre>
 *   .NAME.unfinished   written into; its name has the identity's first digits if it may be resumed
 *   NAME               the publication, after a rename
 *   .NAME.replaced     the earlier publication, between two renames
 *   .NAME.lock         held during writing
 * </pre>
 *
 * A run that is killed before the rename leaves the target unchanged. Two processes cannot begin
 * the same target at once.
 */
final class RenamedFolder extends Publication {
  private static final String UNFINISHED = "unfinished";

  private final String identity;
  private final Path unfinished;
  private final Path replaced;
  private final Path lockFile;
  private final FileChannel lock;

  private RenamedFolder(Path target, String identity, Path lockFile, FileChannel lock) {
    super(target);
    this.identity = identity;
    this.unfinished =
        sibling(
            target, goesOn(identity) ? UNFINISHED + "-" + identity.substring(0, 16) : UNFINISHED);
    this.replaced = sibling(target, "replaced");
    this.lockFile = lockFile;
    this.lock = lock;
  }

  static RenamedFolder of(Path target, String identity) throws IOException {
    Files.createDirectories(target.getParent());
    var lockFile = sibling(target, "lock");
    var folder = new RenamedFolder(target, identity, lockFile, lock(lockFile, target));
    try {
      folder.prepare();
      return folder;
    } catch (IOException | RuntimeException e) {
      folder.release();
      throw e;
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
    throw writtenByAnother(target);
  }

  private void prepare() throws IOException {
    if (Files.isDirectory(replaced) && !Files.exists(target())) {
      Files.move(replaced, target()); // killed between the two renames of an earlier replacement
    }
    FileTrees.delete(replaced);
    var all = sibling(target(), UNFINISHED).getFileName() + "*";
    try (var left = Files.newDirectoryStream(target().getParent(), all)) {
      for (Path folder : left) {
        if (!goesOn(identity) || !folder.equals(unfinished)) {
          FileTrees.delete(folder);
        }
      }
    }
    if (Files.exists(target()) && !isOurs(target())) {
      throw notOurs(target());
    }
    Files.createDirectories(unfinished);
  }

  @Override
  public Path directory() {
    return unfinished;
  }

  @Override
  void finish(String manifest) throws IOException {
    var file = unfinished.resolve(MANIFEST);
    Files.writeString(file, manifest);
    FileTrees.rightsOfNew(unfinished);
    FileTrees.sync(file);
    if (Files.exists(target())) {
      Files.move(target(), replaced, StandardCopyOption.ATOMIC_MOVE);
    }
    Files.move(unfinished, target(), StandardCopyOption.ATOMIC_MOVE);
    FileTrees.sync(Objects.requireNonNull(target().getParent()));
    FileTrees.delete(replaced);
  }

  @Override
  public void close() {
    try {
      if (!goesOn(identity)) {
        FileTrees.delete(unfinished);
      }
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
}
