package io.lorashear.run;

import io.lorashear.InputException;
import io.lorashear.settings.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Allows one run at a time in a folder. The operating system holds the lock for this process and
 * releases it when the process ends, even if it is killed; the file stays, and its existence means
 * nothing. Folders in stores have no locks: there a second run is not told from the first.
 */
public final class RunLock implements AutoCloseable {
  private static final String FILE = "run.lock";

  /**
   * Locked files of this process. A file is never opened twice, because closing any of its channels
   * would release this process's lock.
   */
  private static final Set<Path> HELD = new HashSet<>();

  private final Path file;
  private final @Nullable FileChannel channel;

  private RunLock(Path file, @Nullable FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** The lock; empty if another run has it. */
  public static Optional<RunLock> take(Path folder) {
    if (!Storage.isLocal(folder)) {
      return Optional.of(new RunLock(folder, null));
    }
    synchronized (HELD) {
      try {
        Files.createDirectories(folder);
        var file = folder.toRealPath().resolve(FILE);
        if (HELD.contains(file)) {
          return Optional.empty();
        }
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!locked(channel)) {
          channel.close();
          return Optional.empty();
        }
        HELD.add(file);
        return Optional.of(new RunLock(file, channel));
      } catch (IOException e) {
        throw new UncheckedIOException(folder + " cannot be locked", e);
      }
    }
  }

  /**
   * The lock.
   *
   * @throws InputException if another run has it
   */
  public static RunLock require(Path folder) {
    return take(folder)
        .orElseThrow(
            () ->
                new InputException(
                    "%s is being written by another run: wait for it, or choose another folder",
                    folder));
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // locked in this process, but not by this class
    }
  }

  @Override
  public void close() {
    if (channel == null) {
      return;
    }
    synchronized (HELD) {
      try {
        channel.close();
        HELD.remove(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
