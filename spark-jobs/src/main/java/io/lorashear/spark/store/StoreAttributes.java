package io.lorashear.spark.store;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.apache.hadoop.fs.FileStatus;
import org.jspecify.annotations.Nullable;

/** Attributes of a file in a store: its size and the time when it was written. */
record StoreAttributes(boolean isDirectory, long size, FileTime lastModifiedTime)
    implements BasicFileAttributes {

  static StoreAttributes of(FileStatus status) {
    return new StoreAttributes(
        status.isDirectory(),
        status.getLen(),
        FileTime.fromMillis(Math.max(0, status.getModificationTime())));
  }

  @Override
  public FileTime lastAccessTime() {
    return lastModifiedTime;
  }

  @Override
  public FileTime creationTime() {
    return lastModifiedTime;
  }

  @Override
  public boolean isRegularFile() {
    return !isDirectory;
  }

  @Override
  public boolean isSymbolicLink() {
    return false;
  }

  @Override
  public boolean isOther() {
    return false;
  }

  @Override
  public @Nullable Object fileKey() {
    return null;
  }
}
