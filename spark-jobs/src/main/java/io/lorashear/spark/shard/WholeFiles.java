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
 * Writes files atomically. In a store a file becomes visible when it is closed, and is discarded
 * when it is aborted; on a disk it is visible at once, so it is first written under another name.
 */
public final class WholeFiles {
  private WholeFiles() {}

  /** Content of a file. */
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes a file. On a disk an existing file is kept, because another attempt of the same task has
   * written the same bytes.
   *
   * @param writing a folder next to it for the unfinished file
   */
  public static void write(FileSystem fileSystem, Path target, Path writing, Content content)
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

  /** Closing publishes the file, so after a failure the stream must be aborted first. */
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
  public static FileSystem fileSystem(Path path, Configuration configuration) throws IOException {
    var fileSystem = path.getFileSystem(configuration);
    return fileSystem instanceof LocalFileSystem local ? local.getRawFileSystem() : fileSystem;
  }
}
