package io.lorashear.spark.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import org.jspecify.annotations.Nullable;

/**
 * A path in a store: names between slashes, computed with a local path.
 *
 * @param store where it is
 * @param names the names as a local path, from the store's root if it is absolute
 */
record StorePath(StoreFileSystem store, Path names) implements Path {

  org.apache.hadoop.fs.Path hadoop() {
    return new org.apache.hadoop.fs.Path(toUri());
  }

  private StorePath with(Path other) {
    return new StorePath(store, other);
  }

  private @Nullable StorePath withNullable(@Nullable Path other) {
    return other == null ? null : with(other);
  }

  private static Path names(Path other) {
    if (other instanceof StorePath path) {
      return path.names;
    }
    throw new ProviderMismatchException(other + " is in another file system");
  }

  private boolean isHere(Path other) {
    return other instanceof StorePath path && path.store.equals(store);
  }

  @Override
  public FileSystem getFileSystem() {
    return store;
  }

  @Override
  public boolean isAbsolute() {
    return names.isAbsolute();
  }

  @Override
  public @Nullable Path getRoot() {
    return withNullable(names.getRoot());
  }

  @Override
  public @Nullable Path getFileName() {
    return withNullable(names.getFileName());
  }

  @Override
  public @Nullable Path getParent() {
    return withNullable(names.getParent());
  }

  @Override
  public int getNameCount() {
    return names.getNameCount();
  }

  @Override
  public Path getName(int index) {
    return with(names.getName(index));
  }

  @Override
  public Path subpath(int begin, int end) {
    return with(names.subpath(begin, end));
  }

  @Override
  public boolean startsWith(Path other) {
    return isHere(other) && names.startsWith(names(other));
  }

  @Override
  public boolean endsWith(Path other) {
    return isHere(other) && names.endsWith(names(other));
  }

  @Override
  public Path normalize() {
    return with(names.normalize());
  }

  @Override
  public Path resolve(Path other) {
    return with(names.resolve(names(other)));
  }

  @Override
  public Path relativize(Path other) {
    return with(names.relativize(names(other)));
  }

  @Override
  public Path toAbsolutePath() {
    return isAbsolute() ? this : with(Path.of("/").resolve(names));
  }

  @Override
  public Path toRealPath(LinkOption... options) {
    return toAbsolutePath().normalize();
  }

  @Override
  public URI toUri() {
    var address = store.address();
    try {
      var path = toAbsolutePath().normalize();
      return new URI(
          address.getScheme(), address.getAuthority(), names(path).toString(), null, null);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
    throw new UnsupportedOperationException("a store tells of no changes");
  }

  @Override
  public int compareTo(Path other) {
    return names.compareTo(names(other));
  }

  /** The path as a user writes it. */
  @Override
  public String toString() {
    return isAbsolute() ? store + names.toString() : names.toString();
  }
}
