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
 * A folder that is published atomically.
 *
 * <pre>
 *   try (var publication = Publication.begin(target)) {
 *     write(publication.directory());
 *     publication.publish(manifest);            names every file in manifest.json
 *   }
 * </pre>
 *
 * On this machine the files are written into a hidden sibling that is renamed. An object store
 * cannot rename: there they are written in place, and the manifest, which is written last, makes
 * them a publication; readers refuse a folder without one.
 */
public abstract sealed class Publication implements AutoCloseable
    permits RenamedFolder, ManifestLast {
  /** The file that is written last, and names all others. */
  public static final String MANIFEST = "manifest.json";

  /** Identity of a run that does not resume from files of another. */
  private static final String NEW = "";

  private final Path target;

  Publication(Path target) {
    this.target = target;
  }

  /**
   * Prepares an empty folder to be published at {@code target}. On this machine an earlier
   * publication there stays until the new one takes its place; in a store it is deleted now.
   *
   * @throws InputException if the target holds files that were never published, or if another
   *     process is writing it
   */
  public static Publication begin(Path target) {
    return resume(target, NEW);
  }

  /**
   * Prepares a folder that keeps the files of a killed or failed run of the same identity.
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
   * @throws InputException if it holds files that were never published, or cannot be written
   */
  public static void check(Path target) {
    var absolute = target.toAbsolutePath().normalize();
    if (absolute.getFileName() == null) {
      throw new InputException("%s cannot be an output folder: name a folder inside it", target);
    }
    if (!Storage.isLocal(absolute)) {
      return; // whether a store can be written shows only on writing
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
   * Also refuses a target that is one of the inputs or contains one.
   *
   * @param inputs inputs by their names
   */
  public static void check(Path target, Map<String, Path> inputs) {
    Apart.of(target).require(inputs);
    check(target);
  }

  private static void requireWritable(Path target) {
    var above = Objects.requireNonNull(target.getParent());
    while (!Files.exists(above)) {
      above = Objects.requireNonNull(above.getParent()); // the root exists
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
   * Removes the publication at {@code target}, its manifest first, so that nobody reads half of it;
   * does nothing if there is none.
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

  /** Path of the published folder. */
  final Path target() {
    return target;
  }

  /** Folder to write into. Sub-folders are allowed. */
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
      finish(ManifestText.of(manifest));
      return new PublishedDirectory(target, manifest);
    } catch (IOException e) {
      throw new UncheckedIOException(target + " could not be published", e);
    }
  }

  /** Writes the manifest, which completes the publication. */
  abstract void finish(String manifest) throws IOException;

  /** Discards unpublished files, unless a run may resume from them. */
  @Override
  public abstract void close();

  /** Whether a publication may replace everything at {@code folder}. */
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
