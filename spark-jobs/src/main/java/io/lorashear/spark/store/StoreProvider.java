package io.lorashear.spark.store;

import io.lorashear.InputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.jspecify.annotations.Nullable;

/** Implements {@link Files} by Hadoop: whole files, folders, attributes; no links, no locks. */
final class StoreProvider extends FileSystemProvider {
  static final StoreProvider INSTANCE = new StoreProvider();

  private final Map<URI, StoreFileSystem> stores = new ConcurrentHashMap<>();

  private StoreProvider() {}

  /** A placeholder; each address has its own scheme. */
  @Override
  public String getScheme() {
    return "hadoop";
  }

  @Override
  public StoreFileSystem getFileSystem(URI address) {
    try {
      var root = new URI(address.getScheme(), address.getAuthority(), "/", null, null);
      return stores.computeIfAbsent(root, StoreFileSystem::new);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Override
  public StoreFileSystem newFileSystem(URI address, Map<String, ?> ignored) {
    return getFileSystem(address);
  }

  @Override
  public Path getPath(URI address) {
    return getFileSystem(address).getPath(address.getPath());
  }

  private static FileSystem hadoop(Path path) throws IOException {
    return store(path).store().hadoop();
  }

  private static StorePath store(Path path) {
    return (StorePath) path;
  }

  private static FileStatus status(Path path) throws IOException {
    try {
      return Repeated.call(path, () -> hadoop(path).getFileStatus(store(path).hadoop()));
    } catch (FileNotFoundException e) {
      throw missing(path, e);
    }
  }

  private static NoSuchFileException missing(Path path, FileNotFoundException e) {
    var missing = new NoSuchFileException(path.toString());
    missing.initCause(e);
    return missing;
  }

  @Override
  public InputStream newInputStream(Path path, OpenOption... options) throws IOException {
    try {
      return new StoreInput(store(path));
    } catch (FileNotFoundException e) {
      throw missing(path, e);
    }
  }

  @Override
  public OutputStream newOutputStream(Path path, OpenOption... options) {
    var wanted = List.of(options);
    if (wanted.contains(StandardOpenOption.APPEND)) {
      throw new UnsupportedOperationException(path + ": a store appends to no file");
    }
    var replace = !wanted.contains(StandardOpenOption.CREATE_NEW);
    return new StoreOutput(store(path), replace);
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    if (!Set.of(StandardOpenOption.READ).containsAll(options)) {
      throw new UnsupportedOperationException(path + ": a store writes files from the beginning");
    }
    var length = status(path).getLen();
    return new StoreChannel(new StoreInput(store(path)), length);
  }

  /** Not supported: what maps files into memory takes a copy. */
  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) {
    throw new InputException(
        "%s is not on this machine, and this step works on local files: copy it to a local folder",
        path);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
    if (!status(folder).isDirectory()) {
      throw new NotDirectoryException(folder.toString());
    }
    var entries = new ArrayList<Path>();
    var children = Repeated.call(folder, () -> hadoop(folder).listStatus(store(folder).hadoop()));
    for (var child : children) {
      var entry = folder.resolve(child.getPath().getName());
      if (filter.accept(entry)) {
        entries.add(entry);
      }
    }
    return new Listing(entries);
  }

  private record Listing(List<Path> entries) implements DirectoryStream<Path> {
    @Override
    public Iterator<Path> iterator() {
      return entries.iterator();
    }

    @Override
    public void close() {}
  }

  @Override
  public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
    if (Files.exists(folder)) {
      throw new FileAlreadyExistsException(folder.toString());
    }
    Repeated.call(folder, () -> hadoop(folder).mkdirs(store(folder).hadoop()));
  }

  @Override
  public void delete(Path path) throws IOException {
    if (status(path).isDirectory() && Repeated.call(path, () -> hasChildren(path))) {
      throw new DirectoryNotEmptyException(path.toString());
    }
    Repeated.call(path, () -> hadoop(path).delete(store(path).hadoop(), false));
  }

  private static boolean hasChildren(Path folder) throws IOException {
    return hadoop(folder).listStatusIterator(store(folder).hadoop()).hasNext();
  }

  @Override
  public void copy(Path from, Path to, CopyOption... options) throws IOException {
    var replace = Arrays.asList(options).contains(StandardCopyOption.REPLACE_EXISTING);
    try (var in = newInputStream(from);
        var out = new StoreOutput(store(to), replace)) {
      in.transferTo(out);
    }
  }

  /** Where the store renames atomically, to a name that is free. */
  @Override
  public void move(Path from, Path to, CopyOption... options) throws IOException {
    var replaces = Arrays.asList(options).contains(StandardCopyOption.REPLACE_EXISTING);
    if (replaces || !store(from).store().renames()) {
      throw new AtomicMoveNotSupportedException(
          from.toString(), to.toString(), "not by this store");
    }
    boolean moved =
        Repeated.call(to, () -> hadoop(from).rename(store(from).hadoop(), store(to).hadoop()));
    if (!moved && (Files.exists(from) || !Files.exists(to))) { // an answer may have been lost
      throw new FileSystemException(from.toString(), to.toString(), "the store did not rename it");
    }
  }

  @Override
  public boolean isSameFile(Path first, Path second) {
    return first.toAbsolutePath().normalize().equals(second.toAbsolutePath().normalize());
  }

  @Override
  public boolean isHidden(Path path) {
    var name = path.getFileName();
    return name != null && name.toString().startsWith(".");
  }

  @Override
  public FileStore getFileStore(Path path) {
    throw new UnsupportedOperationException(path + ": a store has no volume whose space is known");
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    status(path);
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return null;
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    if (type != BasicFileAttributes.class) {
      throw new UnsupportedOperationException(path + ": a store knows no " + type.getSimpleName());
    }
    return type.cast(StoreAttributes.of(status(path)));
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options) {
    throw new UnsupportedOperationException(
        path + ": a store reads no attributes by name: " + names);
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options) {
    throw new UnsupportedOperationException(path + ": a store sets no attributes, such as " + name);
  }
}
