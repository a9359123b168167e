package io.lorashear.run;

import io.lorashear.InputException;
import io.lorashear.settings.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The hash of a stage's input: it depends on the bytes, not on the path. */
public final class ContentHash {
  private ContentHash() {}

  /**
   * For a published folder, the hash of its manifest; for another folder, a hash of the names and
   * contents of all its files; for a file, the hash of its bytes.
   *
   * @throws InputException if it is missing or cannot be read
   */
  public static String of(Path path) {
    if (Files.isRegularFile(path.resolve(Publication.MANIFEST))) {
      return PublishedDirectory.open(path).hash();
    }
    if (!Files.exists(path)) {
      throw new InputException("%s: no such file or folder; correct the path", path);
    }
    try {
      return Files.isDirectory(path) ? ofFolder(path) : ofFile(path);
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read (%s)", path, e.getMessage());
    }
  }

  /**
   * The same, but a published folder's hash is one of the names and contents of its files: two
   * stages that wrote the same files have the same, whatever their settings and code.
   *
   * @throws InputException if it is missing or cannot be read
   */
  public static String ofFiles(Path path) {
    if (!Files.isRegularFile(path.resolve(Publication.MANIFEST))) {
      return of(path);
    }
    var names = new StringBuilder();
    for (var file : PublishedDirectory.open(path).files()) {
      names.append(file.name()).append('\0').append(file.sha256()).append('\n');
    }
    return Sha256.of(names.toString());
  }

  private static String ofFolder(Path folder) throws IOException {
    var names = new StringBuilder();
    for (Path file : FileTrees.files(folder)) {
      names.append(FileTrees.name(folder, file)).append('\0').append(ofFile(file)).append('\n');
    }
    return Sha256.of(names.toString());
  }

  /** A file in a store is read again only after its size or time has changed. */
  private static String ofFile(Path file) {
    return Storage.isLocal(file)
        ? Sha256.of(file)
        : KnownHashes.in(CacheFolder.ofUser().folder()).of(file);
  }
}
