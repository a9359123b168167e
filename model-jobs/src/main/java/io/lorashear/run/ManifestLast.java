package io.lorashear.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A publication in a store, which writes files atomically or renames them so, but no folder.
 *
 * <pre>
 *   NAME/…             written where it stays
 *   NAME/manifest.json written last: with it the folder is published
 *   .NAME.unfinished   identity of the writing run; deleted after the manifest is written
 *   .NAME.manifest     the manifest, where a file shows while it is written (HDFS); then renamed
 * </pre>
 *
 * A store has no locks: of two runs with the same target, the one that began last continues, and
 * the other fails before it publishes.
 */
final class ManifestLast extends Publication {
  private final String identity;
  private final Path mark;
  private boolean published;

  private ManifestLast(Path target, String identity) {
    super(target);
    this.identity = identity;
    this.mark = sibling(target, "unfinished");
  }

  static ManifestLast of(Path target, String identity) throws IOException {
    var publication = new ManifestLast(target, identity);
    var begun = Files.exists(publication.mark);
    if (Files.exists(target) && !begun && !isOurs(target)) {
      throw notOurs(target);
    }
    var resumed = begun && goesOn(identity) && publication.isMarked();
    publication.clear(resumed);
    return publication;
  }

  /**
   * Deletes the manifest before all other files, so that nobody reads a partly deleted publication.
   */
  private void clear(boolean resumed) throws IOException {
    Files.writeString(mark, identity);
    Files.deleteIfExists(directory().resolve(MANIFEST));
    if (!resumed) {
      FileTrees.delete(directory());
    }
    Files.createDirectories(directory());
  }

  private boolean isMarked() throws IOException {
    try {
      return Files.readString(mark).equals(identity);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  @Override
  public Path directory() {
    return target();
  }

  @Override
  void finish(String manifest) throws IOException {
    if (!isMarked()) {
      throw writtenByAnother(target());
    }
    writeAtOnce(manifest);
    published = true;
    Files.deleteIfExists(mark);
  }

  private void writeAtOnce(String manifest) throws IOException {
    var place = directory().resolve(MANIFEST);
    var written = sibling(target(), "manifest");
    Files.writeString(written, manifest);
    try {
      Files.move(written, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.writeString(place, manifest);
      Files.delete(written);
    }
  }

  @Override
  public void close() {
    try {
      if (!published && !goesOn(identity) && isMarked()) {
        FileTrees.delete(directory());
        Files.deleteIfExists(mark);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
