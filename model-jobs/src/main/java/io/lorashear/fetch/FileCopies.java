package io.lorashear.fetch;

import io.lorashear.InputException;
import io.lorashear.run.CacheFolder;
import io.lorashear.run.DiskSpace;
import io.lorashear.run.FileEntry;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.settings.Storage;
import io.lorashear.stop.StopRequest;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Files of stores as local files. A file is fetched once, verified by the hash that its manifest
 * names, and kept in a folder that all processes of a user share, until the room is needed for
 * others. Files of this machine are used as they are.
 */
public final class FileCopies {
  private static final long PAUSE_MILLIS = 50;

  /** How long to wait for room that other processes use. */
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final CopyFolder folder;
  private final long bound;

  private FileCopies(CopyFolder folder, long bound) {
    this.folder = folder;
    this.bound = bound;
  }

  /**
   * The copies of the current user, below the cache folder, or in the folder for temporary files if
   * there can be none.
   *
   * @throws InputException if LORASHEAR_STORE_CACHE is no number of bytes
   */
  public static FileCopies ofUser() {
    var cache = CacheFolder.ofUser();
    var place =
        cache.usable()
            ? cache.folder()
            : Path.of(
                System.getProperty("java.io.tmpdir"),
                "lorashear-" + System.getProperty("user.name"));
    return in(place.resolve(CacheFolder.STORES), CopyLimit.ofUser());
  }

  /**
   * The copies in a folder.
   *
   * @param bound bytes that they may take together
   */
  public static FileCopies in(Path folder, long bound) {
    return new FileCopies(CopyFolder.at(folder), bound);
  }

  /**
   * A file; one that no manifest names is fetched again if its size or time changes.
   *
   * @throws InputException if it cannot be read, differs from its manifest, or has no room
   */
  public FileCopy of(Path file) {
    return Storage.isLocal(file)
        ? FileCopy.original(file)
        : had(StoredFile.found(file), true, () -> true).orElseThrow();
  }

  /**
   * A file of a published folder, compared with the hash of its manifest.
   *
   * @throws InputException as {@link #of(Path)} does
   */
  FileCopy of(PublishedDirectory published, FileEntry entry) {
    var file = published.directory().resolve(entry.name());
    return had(StoredFile.named(file, entry), true, () -> true).orElseThrow();
  }

  /**
   * The same before it is needed: empty if there is no room for it beside what is in use.
   *
   * @param wanted asked during the transfer, which ends if it is false
   */
  Optional<FileCopy> ahead(PublishedDirectory published, FileEntry entry, BooleanSupplier wanted) {
    var file = published.directory().resolve(entry.name());
    return had(StoredFile.named(file, entry), false, wanted);
  }

  /**
   * Refuses a bound below the two largest files, one of which is fetched while the other is read.
   *
   * @throws InputException with both sizes
   */
  void requireTwo(PublishedDirectory published, List<FileEntry> files) {
    long two =
        files.stream()
            .map(FileEntry::size)
            .sorted(Comparator.reverseOrder())
            .limit(2)
            .mapToLong(Long::longValue)
            .sum();
    if (two > bound) {
      throw new InputException(
          "the two largest files that are read of %s have %,d bytes together, and copies of files"
              + " in stores may take %,d: set %s to more, because one is fetched while another is"
              + " read",
          published.directory(), two, bound, CopyLimit.VARIABLE);
    }
  }

  private Optional<FileCopy> had(StoredFile file, boolean waits, BooleanSupplier wanted) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      switch (folder.take(file, bound)) {
        case PRESENT -> {
          return Optional.of(copy(file));
        }
        case TO_FETCH -> {
          fetch(file, wanted);
          return Optional.of(copy(file));
        }
        case BEING_FETCHED -> {
          if (!wanted.getAsBoolean()) {
            return Optional.empty();
          }
          pause();
        }
        case NO_ROOM -> {
          if (!waits) {
            return Optional.empty();
          }
          requireRoom(file, System.nanoTime() - end < 0);
          pause();
        }
      }
    }
  }

  private FileCopy copy(StoredFile file) {
    var key = file.key();
    return new FileCopy(folder.copy(key), new Release(folder, key));
  }

  /** Ends a use at most once. */
  private static final class Release implements Runnable {
    private final CopyFolder folder;
    private final String key;
    private boolean done;

    Release(CopyFolder folder, String key) {
      this.folder = folder;
      this.key = key;
    }

    @Override
    public synchronized void run() {
      if (!done) {
        done = true;
        folder.release(key);
      }
    }
  }

  private void fetch(StoredFile file, BooleanSupplier wanted) {
    boolean whole = false;
    try {
      new Transfer(file, wanted).to(folder.part(file));
      whole = true;
    } finally {
      if (!whole) {
        folder.abandoned(file);
      }
    }
    folder.fetched(file);
  }

  /**
   * Refuses a file that will not fit by waiting.
   *
   * @param patient whether others may still give room back
   */
  private void requireRoom(StoredFile file, boolean patient) {
    long own = folder.inUse();
    boolean fits = own + file.size() <= bound;
    if (fits && patient) {
      return;
    }
    if (fits) {
      DiskSpace.require(folder.path(), file.size(), "a copy of " + file.file());
    }
    throw new InputException(
        "%s has %,d bytes, and copies of files in stores may take %,d in all (in %s), of which this"
            + " run uses %,d: set %s to more, or wait for other runs",
        file.file(), file.size(), bound, folder.path(), own, CopyLimit.VARIABLE);
  }

  private static void pause() {
    StopRequest.check();
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
