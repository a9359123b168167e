package io.lorashear.fetch;

import io.lorashear.run.FileEntry;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.settings.Storage;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One reading of some files of a published folder, hashes verified.
 *
 * <pre>
 *   on this machine   one batch of all files
 *   in a store        a batch for each file; while it is read, the next file is fetched
 * </pre>
 *
 * A batch can be read until the next one is asked for. Must be closed.
 */
public final class FilePass implements AutoCloseable {
  private static final Executor BACKGROUND =
      work -> {
        var thread = new Thread(work, "fetch-ahead");
        thread.setDaemon(true);
        thread.start();
      };

  private final PublishedDirectory folder;
  private final List<FileEntry> files;
  private final FileCopies copies;
  private final Function<String, Path> verified;
  private final AtomicBoolean wanted = new AtomicBoolean(true);
  private int read;
  private @Nullable FileCopy current;
  private @Nullable CompletableFuture<Optional<FileCopy>> next;

  private FilePass(
      PublishedDirectory folder,
      List<FileEntry> files,
      FileCopies copies,
      Function<String, Path> verified) {
    this.folder = folder;
    this.files = files;
    this.copies = copies;
    this.verified = verified;
  }

  /**
   * The files with these names, in this order; nothing is fetched yet.
   *
   * @param copies where copies are kept
   * @param verified a local file by its name, after its hash was compared
   * @throws io.lorashear.InputException if the manifest does not name one, or copies may not take
   *     enough room for the two largest
   */
  public static FilePass over(
      PublishedDirectory folder,
      List<String> names,
      FileCopies copies,
      Function<String, Path> verified) {
    var files = names.stream().map(folder::entry).toList();
    if (!Storage.isLocal(folder.directory())) {
      copies.requireTwo(folder, files);
    }
    return new FilePass(folder, files, copies, verified);
  }

  /** Number of batches. */
  public int batches() {
    return isLocal() ? Math.min(1, files.size()) : files.size();
  }

  private boolean isLocal() {
    return Storage.isLocal(folder.directory());
  }

  public boolean hasNext() {
    return read < batches();
  }

  /**
   * The local files of the next batch, in the order of their names here.
   *
   * @throws io.lorashear.InputException if one cannot be fetched, or differs from its hash
   */
  public List<Path> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    if (isLocal()) {
      read++;
      return files.stream().map(file -> verified.apply(file.name())).toList();
    }
    release();
    var ahead = next;
    next = null;
    var copy = ahead == null ? Optional.<FileCopy>empty() : join(ahead);
    var opened = copy.orElseGet(() -> copies.of(folder, files.get(read)));
    current = opened;
    read++;
    if (hasNext()) {
      var following = files.get(read);
      next =
          CompletableFuture.supplyAsync(
              () -> copies.ahead(folder, following, wanted::get), BACKGROUND);
    }
    return List.of(opened.path());
  }

  private static Optional<FileCopy> join(CompletableFuture<Optional<FileCopy>> ahead) {
    try {
      return ahead.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private void release() {
    if (current != null) {
      current.close();
      current = null;
    }
  }

  @Override
  public void close() {
    wanted.set(false);
    release();
    if (next != null) {
      next.exceptionally(failure -> Optional.empty()).join().ifPresent(FileCopy::close);
      next = null;
    }
  }
}
