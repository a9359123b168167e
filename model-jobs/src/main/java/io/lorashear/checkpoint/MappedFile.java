package io.lorashear.checkpoint;

import io.lorashear.InputException;
import io.lorashear.fetch.FileCopies;
import io.lorashear.fetch.FileCopy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A memory-mapped file, mapped in windows because a buffer is limited to 2 GiB. It is not read
 * through a channel, because interrupting one thread would close the channel for all threads.
 */
public final class MappedFile implements AutoCloseable {
  private static final int WINDOW = 1 << 30;

  private static final String POINTER = "version https://git-lfs";

  private final Path path;
  private final FileCopy copy;
  private final long size;
  private final int window;
  private volatile List<MappedByteBuffer> windows;

  private MappedFile(
      Path path, FileCopy copy, long size, int window, List<MappedByteBuffer> windows) {
    this.path = path;
    this.copy = copy;
    this.size = size;
    this.window = window;
    this.windows = windows;
  }

  /**
   * Maps a file, or the copy of one that is in a store.
   *
   * @throws InputException if it does not exist or cannot be read
   */
  public static MappedFile open(Path path) {
    return open(path, WINDOW);
  }

  static MappedFile open(Path path, int window) {
    if (!Files.isRegularFile(path)) {
      throw new InputException(
          "%s %s", path, Files.exists(path) ? "is not a file" : "does not exist");
    }
    var copy = FileCopies.ofUser().of(path);
    try {
      return mapped(path, copy, window);
    } catch (IOException | RuntimeException e) {
      copy.close();
      if (e instanceof RuntimeException failure) {
        throw failure;
      }
      throw new InputException(e, "%s cannot be read: %s", path, e.getMessage());
    }
  }

  private static MappedFile mapped(Path path, FileCopy copy, int window) throws IOException {
    try (var channel = FileChannel.open(copy.path())) {
      long size = channel.size();
      var windows = new ArrayList<MappedByteBuffer>();
      for (long start = 0; start < size; start += window) {
        long length = Math.min(window, size - start);
        windows.add(channel.map(FileChannel.MapMode.READ_ONLY, start, length));
      }
      var file = new MappedFile(path, copy, size, window, windows);
      file.refusePointer();
      return file;
    }
  }

  /**
   * Refuses a Git LFS pointer: a repository cloned without its large files has a few lines of text
   * in their place.
   */
  private void refusePointer() {
    var start = ByteBuffer.allocate((int) Math.min(size, POINTER.length()));
    read(0, start);
    if (new String(start.array(), StandardCharsets.US_ASCII).equals(POINTER)) {
      throw new InputException(
          "%s is a pointer of Git LFS, not the file itself: run git lfs pull where it was cloned",
          path);
    }
  }

  public Path path() {
    return path;
  }

  public long size() {
    return size;
  }

  /** Fills {@code target} with the bytes from {@code offset} on. */
  public void read(long offset, ByteBuffer target) {
    if (offset < 0 || offset > size - target.remaining()) {
      throw new IndexOutOfBoundsException(
          "%s ends at %d: no %d bytes at %d".formatted(path, size, target.remaining(), offset));
    }
    var mapped = windows;
    if (mapped.isEmpty() && target.hasRemaining()) {
      throw new IllegalStateException(path + " was closed");
    }
    while (target.hasRemaining()) {
      var part = mapped.get((int) (offset / window));
      int start = (int) (offset % window);
      int count = Math.min(target.remaining(), part.limit() - start);
      target.put(part.slice(start, count));
      offset += count;
    }
  }

  /** A copy of the {@code count} bytes from {@code offset} on. */
  public ByteBuffer bytes(long offset, int count) {
    var copy = ByteBuffer.allocate(count);
    read(offset, copy);
    return copy.flip();
  }

  /** Releases the windows; the address space is freed when they are garbage-collected. */
  @Override
  public void close() {
    windows = List.of();
    copy.close();
  }
}
