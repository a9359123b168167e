package io.lorashear.spark.store;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;

/** One bucket, or one cluster's file system. */
final class StoreFileSystem extends FileSystem {
  /** Schemes of file systems in which a file shows while it is written, but is renamed at once. */
  private static final Set<String> RENAMING = Set.of("hdfs", "webhdfs", "viewfs");

  private final URI address;

  /**
   * @param address scheme and authority
   */
  StoreFileSystem(URI address) {
    this.address = address;
  }

  URI address() {
    return address;
  }

  /** Whether a file gets another name atomically; other stores copy, or write a file at once. */
  boolean renames() {
    return RENAMING.contains(address.getScheme());
  }

  org.apache.hadoop.fs.FileSystem hadoop() throws IOException {
    return HadoopStorage.fileSystem(address);
  }

  @Override
  public FileSystemProvider provider() {
    return StoreProvider.INSTANCE;
  }

  @Override
  public Path getPath(String first, String... more) {
    return new StorePath(this, Path.of(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String pattern) {
    var matcher = FileSystems.getDefault().getPathMatcher(pattern);
    return path -> path instanceof StorePath there && matcher.matches(there.names());
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return List.of(getPath("/"));
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return List.of();
  }

  @Override
  public String getSeparator() {
    return "/";
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return Set.of("basic");
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException(this + " stays open as long as the program runs");
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    throw new UnsupportedOperationException(
        this + ": who owns its files is for the store's own tools to say");
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException(this + " tells nobody of changes: list it again");
  }

  /** {@code s3a://bucket}. */
  @Override
  public String toString() {
    var authority = address.getAuthority();
    return address.getScheme() + "://" + (authority == null ? "" : authority);
  }
}
