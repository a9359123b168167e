package io.lorashear.settings;

import io.lorashear.InputException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Access to places outside this machine, by addresses such as {@code s3a://bucket/folder}. An
 * implementation is registered with {@link ServiceLoader}; without one, only local paths work.
 */
public interface Storage {
  /**
   * Scheme, authority, path. A scheme has at least two letters, because one letter before the colon
   * would be a drive.
   */
  Pattern ADDRESS = Pattern.compile("([a-z][a-z0-9+.-]+)://([^/]*)(.*)", Pattern.DOTALL);

  /**
   * The path of an address whose scheme is not {@code file}; does not access the storage. Whoever
   * reads or writes through the path need not repeat what failed: the implementation does, a
   * bounded number of times, and then throws an {@link InputException} with the address.
   */
  Path path(URI address);

  /**
   * The path that a user's text names: an address, or a path on this machine. The path of an
   * address may be a glob.
   *
   * @throws InputException if no implementation can reach the address, if it contains a password,
   *     or if it needs expansion by a shell ({@code ~/models}, {@code $DATA/raw})
   * @throws java.nio.file.InvalidPathException if it is not a valid path
   */
  static Path pathOf(String text) {
    var address = ADDRESS.matcher(text);
    if (!address.matches()) {
      return LocalPath.of(text);
    }
    var uri = uri(address);
    return uri.getScheme().equals("file")
        ? Path.of(uri.getPath())
        : present()
            .map(storage -> storage.path(uri))
            .orElseThrow(
                () ->
                    new InputException(
                        "%s is not on this machine, and only Spark's commands reach such places:"
                            + " copy it to a local folder",
                        text));
  }

  /**
   * Under spark-submit only the thread's context class loader knows the jar of the implementation.
   */
  private static Optional<Storage> present() {
    return ServiceLoader.load(Storage.class)
        .findFirst()
        .or(() -> ServiceLoader.load(Storage.class, Storage.class.getClassLoader()).findFirst());
  }

  /** Whether {@code path} is in this machine's own file system. */
  static boolean isLocal(Path path) {
    return path.getFileSystem().equals(FileSystems.getDefault());
  }

  private static URI uri(Matcher address) {
    var authority = address.group(2);
    if (authority.matches("[^@]*:[^@]*@.*")) {
      throw new InputException(
          "an address under %s:// carries a password: take it out; credentials come from the"
              + " environment, a profile or the machine's role",
          address.group(1));
    }
    try {
      var path = address.group(3).isEmpty() ? "/" : address.group(3);
      return new URI(address.group(1), authority.isEmpty() ? null : authority, path, null, null);
    } catch (URISyntaxException e) {
      throw new InputException(
          e, "%s is no address (%s): write scheme://bucket/folder", address.group(), e.getReason());
    }
  }
}
