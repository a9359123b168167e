package io.lorashear.spark.store;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's local file system, with rights set by Java: without its native library Hadoop starts a
 * {@code chmod} for each file and folder that it creates, which takes longer than writing a small
 * file. It also allows colons in file names, which Hadoop takes for the end of a scheme when it
 * looks for checksums.
 */
public final class LocalDisk extends LocalFileSystem {

  public LocalDisk() {
    super(new Raw());
  }

  @Override
  public Path getChecksumFile(Path file) {
    return new Path(file.getParent(), new Path(null, null, "." + file.getName() + ".crc"));
  }

  private static final class Raw extends RawLocalFileSystem {
    private static final boolean POSIX =
        FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    @Override
    public void setPermission(Path path, FsPermission permission) throws IOException {
      if (POSIX && !permission.getStickyBit()) {
        var rights = PosixFilePermissions.fromString(permission.toString());
        Files.setPosixFilePermissions(pathToFile(path).toPath(), rights);
      } else {
        super.setPermission(path, permission);
      }
    }
  }
}
