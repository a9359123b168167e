package io.lorashear.fetch;

import io.lorashear.run.DiskSpace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The copies in one folder, which any number of processes use at once.
 *
 * <pre>
 *   KEY             a copy, complete and verified
 *   KEY.BYTES.part  one that is being fetched, and will have so many bytes
 *   KEY.lock        shared by processes that read KEY, held alone by the one that fetches or
 *                   removes it; its time is that of the last use
 *   lock            held alone while copies are taken, counted or removed, never during a transfer
 * </pre>
 *
 * A process that is killed loses its locks, so that others remove what it had begun. Locks belong
 * to a process: within this one, {@code held} counts the uses.
 */
final class CopyFolder {
  private static final Map<Path, CopyFolder> OPEN = new ConcurrentHashMap<>();
  private static final String LOCK = ".lock";
  private static final String PART = ".part";

  /** What became of a wish to use a copy. */
  enum Answer {
    /** The copy is there, and is used from now on. */
    PRESENT,
    /** It is not there, and the asker is the one to fetch it. */
    TO_FETCH,
    /** Somebody else fetches it. */
    BEING_FETCHED,
    /** It is not there, and other copies that are in use leave too little room. */
    NO_ROOM
  }

  private static final class Use {
    final FileChannel lock;
    final long bytes;
    int users;

    Use(FileChannel lock, long bytes) {
      this.lock = lock;
      this.bytes = bytes;
    }

    /**
     * Renews the time of the last use by writing: Java sets a file's time by opening it again, and
     * when that is closed, POSIX takes the process's locks on the file away.
     */
    void touch() throws IOException {
      lock.write(ByteBuffer.wrap(new byte[1]), 0);
    }
  }

  private interface Work<T> {
    T done() throws IOException;
  }

  private record Copy(String key, long bytes, FileTime used) {}

  private final Path folder;
  private final Map<String, Use> held = new HashMap<>(); // no users: this process fetches it

  private CopyFolder(Path folder) {
    this.folder = folder;
  }

  /** The only object of this folder in this process. */
  static CopyFolder at(Path folder) {
    return OPEN.computeIfAbsent(folder.toAbsolutePath().normalize(), CopyFolder::new);
  }

  Path path() {
    return folder;
  }

  Path copy(String key) {
    return folder.resolve(key);
  }

  Path part(StoredFile file) {
    return folder.resolve(file.key() + "." + file.size() + PART);
  }

  /** Bytes of the copies that this process uses or fetches. */
  synchronized long inUse() {
    return held.values().stream().mapToLong(use -> use.bytes).sum();
  }

  /**
   * Begins to use a copy, if it is there; otherwise makes room for it by removing copies that
   * nobody uses, the least recently used first.
   *
   * @param bound bytes that all copies may take
   */
  synchronized Answer take(StoredFile file, long bound) {
    var key = file.key();
    var use = held.get(key);
    if (use != null) {
      if (use.users == 0) {
        return Answer.BEING_FETCHED;
      }
      use.users++;
      return Answer.PRESENT;
    }
    return alone(() -> taken(file, key, bound));
  }

  private Answer taken(StoredFile file, String key, long bound) throws IOException {
    boolean there = Files.isRegularFile(copy(key)) && Files.size(copy(key)) == file.size();
    var lock = locked(key, there);
    if (lock == null) {
      return Answer.BEING_FETCHED;
    }
    if (!there) {
      Files.deleteIfExists(copy(key));
      if (!madeRoom(file.size(), bound, key)) {
        lock.close();
        return Answer.NO_ROOM;
      }
    }
    var use = new Use(lock, file.size());
    held.put(key, use);
    if (there) {
      use.users = 1;
      use.touch();
      return Answer.PRESENT;
    }
    Files.write(part(file), new byte[0]);
    return Answer.TO_FETCH;
  }

  /** The part has become the copy, which its fetcher uses from now on. */
  synchronized void fetched(StoredFile file) {
    var use = held.get(file.key());
    if (use == null) {
      throw new IllegalStateException(file + " was not to be fetched");
    }
    alone(
        () -> {
          Files.move(part(file), copy(file.key()), StandardCopyOption.ATOMIC_MOVE);
          use.lock.close();
          held.remove(file.key());
          var shared = locked(file.key(), true);
          if (shared == null) {
            throw new IOException("the lock of " + copy(file.key()) + " is held by another");
          }
          var reading = new Use(shared, file.size());
          reading.users = 1;
          reading.touch();
          held.put(file.key(), reading);
          return reading;
        });
  }

  /** Nothing was fetched. */
  synchronized void abandoned(StoredFile file) {
    alone(() -> Files.deleteIfExists(part(file)));
    release(file.key());
  }

  /** Ends one use. */
  synchronized void release(String key) {
    var use = held.get(key);
    if (use != null && --use.users <= 0) {
      held.remove(key);
      try {
        use.lock.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private <T> T alone(Work<T> work) {
    try {
      Files.createDirectories(folder);
      try (var lock = opened(folder.resolve("lock"))) {
        lock.lock();
        return work.done();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("copies of files in stores are kept in " + folder, e);
    }
  }

  private static FileChannel opened(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private Path lockOf(String key) {
    return folder.resolve(key + LOCK);
  }

  /** The lock of a copy that this process does not hold; null if another process holds it. */
  private @Nullable FileChannel locked(String key, boolean shared) throws IOException {
    var channel = opened(lockOf(key));
    if (channel.tryLock(0, Long.MAX_VALUE, shared) == null) {
      channel.close();
      return null;
    }
    return channel;
  }

  /** Whether {@code bytes} more fit, after everything that nobody uses was removed if need be. */
  private boolean madeRoom(long bytes, long bound, String forKey) throws IOException {
    long taken = partsInProgress(forKey);
    var copies = copies();
    for (var copy : copies) {
      taken += copy.bytes();
    }
    for (var copy : copies) {
      boolean fits = taken + bytes <= bound && DiskSpace.free(folder) >= bytes;
      if (!fits && removed(copy.key())) {
        taken -= copy.bytes();
      }
    }
    return taken + bytes <= bound && DiskSpace.free(folder) >= bytes;
  }

  /** Bytes that the parts in progress will have; those of killed processes are removed. */
  private long partsInProgress(String forKey) throws IOException {
    long bytes = 0;
    for (var file : names(PART)) {
      int dot = file.indexOf('.');
      var key = file.substring(0, dot);
      boolean left = key.equals(forKey) || removed(key);
      if (left) {
        Files.deleteIfExists(folder.resolve(file));
      } else {
        bytes += Long.parseLong(file.substring(dot + 1, file.length() - PART.length()));
      }
    }
    return bytes;
  }

  /** Complete copies, the least recently used first. */
  private List<Copy> copies() throws IOException {
    var copies = new ArrayList<Copy>();
    for (var name : names("")) {
      if (name.matches("[0-9a-f]{32}")) {
        copies.add(new Copy(name, Files.size(copy(name)), used(name)));
      }
    }
    copies.sort(Comparator.comparing(Copy::used).thenComparing(Copy::key));
    return copies;
  }

  private FileTime used(String key) throws IOException {
    try {
      return Files.getLastModifiedTime(lockOf(key));
    } catch (NoSuchFileException e) {
      return FileTime.fromMillis(0);
    }
  }

  private List<String> names(String suffix) throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(suffix))
          .toList();
    }
  }

  /** Removes a copy, unless somebody uses or fetches it. */
  private boolean removed(String key) throws IOException {
    if (held.containsKey(key)) {
      return false;
    }
    var lock = locked(key, false);
    if (lock == null) {
      return false;
    }
    try (lock) {
      Files.deleteIfExists(copy(key));
      Files.deleteIfExists(lockOf(key));
      return true;
    }
  }
}
