package io.lorashear.spark.shard;

import java.io.IOException;
import java.io.OutputStream;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Files that have their name only when all of their bytes are there. A store shows what is written
 * when it is closed, and forgets it when it is aborted; a disk shows it at once, so that it is
 * written under another name first.
 */
final class WholeFiles {
  private WholeFiles() {}

  /** What a file holds. */
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes a file. On a disk one that is there already stays: another try of the same task has
   * written it, with the same bytes.
   *
   * @param writing a folder beside, for the time in which it is not whole
   */
  static void write(FileSystem fileSystem, Path target, Path writing, Content content)
      throws IOException {
    if (fileSystem.hasPathCapability(target, CommonPathCapabilities.ABORTABLE_STREAM)) {
      writeAtOnce(fileSystem, target, content);
      return;
    }
    var unfinished = new Path(writing, UUID.randomUUID().toString());
    try (var out = fileSystem.create(unfinished, true)) {
      content.writeTo(out);
    }
    fileSystem.mkdirs(target.getParent());
    if (fileSystem.exists(target)) {
      fileSystem.delete(unfinished, false);
    } else if (!fileSystem.rename(unfinished, target) && !fileSystem.exists(target)) {
      throw new IOException("%s could not be renamed to %s".formatted(unfinished, target));
    }
  }

  /** Closing is publishing: after a failure the stream must be aborted first. */
  private static void writeAtOnce(FileSystem fileSystem, Path target, Content content)
      throws IOException {
    try (var out = fileSystem.create(target, true)) {
      try {
        content.writeTo(out);
      } catch (IOException | RuntimeException e) {
        out.abort();
        throw e;
      }
    }
  }

  /** The file system of {@code path}; a local one without the checksum files it would add. */
  static FileSystem fileSystem(Path path, Configuration configuration) throws IOException {
    var fileSystem = path.getFileSystem(configuration);
    return fileSystem instanceof LocalFileSystem local ? local.getRawFileSystem() : fileSystem;
  }
}
