package io.lorashear.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.settings.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * A folder that appears whole or not at all.
 *
 * <pre>
 *   try (var publication = Publication.begin(target)) {
 *     write(publication.directory());
 *     publication.publish(manifest);            names every file in manifest.json
 *   }
 * </pre>
 *
 * On this machine the files are written into a hidden sibling that is renamed. An object store
 * cannot rename: there they are written where they stay, and the manifest, which comes last, makes
 * them a publication; readers refuse a folder without one.
 */
public abstract sealed class Publication implements AutoCloseable
    permits RenamedFolder, ManifestLast {
  /** The file that is written last, and names all others. */
  public static final String MANIFEST = "manifest.json";

  /** What a run is called that does not go on with what another has left. */
  private static final String NEW = "";

  private final Path target;

  Publication(Path target) {
    this.target = target;
  }

  /**
   * Prepares an empty folder to be published at {@code target}. On this machine an earlier
   * publication there stays until the new one takes its place; in a store it goes now.
   *
   * @throws InputException where the target holds files that were never published, or another
   *     process is writing it
   */
  public static Publication begin(Path target) {
    return resume(target, NEW);
  }

  /**
   * The same, but what a killed or failed run of the same identity has written is there again.
   *
   * @param identity hexadecimal digits, 16 at least: equal for runs that write the same files
   */
  static Publication resume(Path target, String identity) {
    check(target);
    var absolute = target.toAbsolutePath().normalize();
    try {
      return Storage.isLocal(absolute)
          ? RenamedFolder.of(absolute, identity)
          : ManifestLast.of(absolute, identity);
    } catch (IOException e) {
      throw new InputException(
          e, "%s cannot be written (%s): choose another folder or give it rights", target, e);
    }
  }

  /**
   * Refuses a target as {@link #begin} does; nothing is written.
   *
   * @throws InputException where it holds files that were never published, or cannot be written
   */
  public static void check(Path target) {
    var absolute = target.toAbsolutePath().normalize();
    if (absolute.getFileName() == null) {
      throw new InputException("%s cannot be an output folder: name a folder inside it", target);
    }
    if (!Storage.isLocal(absolute)) {
      return; // what may be written in a store shows when it is
    }
    try {
      if (Files.isRegularFile(absolute)) {
        throw new InputException("%s is a file: name a folder for the output", target);
      }
      if (Files.exists(absolute) && !isOurs(absolute)) {
        throw notOurs(target);
      }
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read (%s): give it rights", target, e);
    }
    requireWritable(absolute);
  }

  /**
   * The same, and a target that is among what is read for it, or around it.
   *
   * @param inputs what is read, by what it is called
   */
  public static void check(Path target, Map<String, Path> inputs) {
    Apart.of(target).require(inputs);
    check(target);
  }

  private static void requireWritable(Path target) {
    var above = Objects.requireNonNull(target.getParent());
    while (!Files.exists(above)) {
      above = Objects.requireNonNull(above.getParent()); // the root is there
    }
    if (!Files.isDirectory(above)) {
      throw new InputException(
          "%s cannot be written: %s is a file, so choose another folder", target, above);
    }
    if (!Files.isWritable(above)) {
      throw new InputException(
          "%s cannot be written: nothing may be made in %s (rights, or a disk that is only read);"
              + " choose another folder or give it rights",
          target, above);
    }
  }

  /**
   * Removes what was published at {@code target}, its manifest first, so that nobody reads half of
   * it; does nothing where nothing was.
   */
  public static void withdraw(Path target) {
    try {
      if (Files.deleteIfExists(target.resolve(MANIFEST))) {
        FileTrees.delete(target);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(target + " could not be removed", e);
    }
  }

  static boolean goesOn(String identity) {
    return !identity.equals(NEW);
  }

  /** Where the folder will be. */
  final Path target() {
    return target;
  }

  /** Where to write. Sub-folders are allowed. */
  public abstract Path directory();

  /**
   * Adds to {@code manifest} the name, size and SHA-256 of every file written, and makes the folder
   * a publication. The bytes are on the disk before that.
   */
  public final PublishedDirectory publish(ObjectNode manifest) {
    try {
      var files = manifest.putArray("files");
      for (Path file : FileTrees.files(directory())) {
        FileTrees.sync(file);
        new FileEntry(FileTrees.name(directory(), file), Files.size(file), Sha256.of(file))
            .addTo(files);
      }
      finish(Json.text(manifest));
      return new PublishedDirectory(target, manifest);
    } catch (IOException e) {
      throw new UncheckedIOException(target + " could not be published", e);
    }
  }

  /** Writes the manifest, and leaves nothing else to do. */
  abstract void finish(String manifest) throws IOException;

  /** Throws away what was not published, unless it may be resumed. */
  @Override
  public abstract void close();

  /** Whether there is nothing at {@code folder} that a publication may not replace. */
  static boolean isOurs(Path folder) throws IOException {
    return Files.isDirectory(folder)
        && (Files.isRegularFile(folder.resolve(MANIFEST)) || FileTrees.files(folder).isEmpty());
  }

  static InputException notOurs(Path target) {
    return new InputException(
        "%s holds files that this program did not publish: remove them or choose another folder",
        target);
  }

  static InputException writtenByAnother(Path target) {
    return new InputException(
        "%s is being written by another run: wait for it, or choose another folder", target);
  }

  static Path sibling(Path target, String role) {
    return target.resolveSibling("." + target.getFileName() + "." + role);
  }
}
