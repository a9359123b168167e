package io.lorashear.spark.store;

import io.lorashear.settings.Storage;
import io.lorashear.spark.LocalSpark;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;

/**
 * The local disk as a file system that renames as HDFS does, at {@code viewfs://store/…}. It notes
 * which files were written under their own names.
 */
public final class RenamingStore extends RawLocalFileSystem {
  static final List<String> WRITTEN = new CopyOnWriteArrayList<>();

  private static final URI ADDRESS = URI.create("viewfs://store");

  @Override
  public URI getUri() {
    return ADDRESS;
  }

  @Override
  public String getScheme() {
    return ADDRESS.getScheme();
  }

  @Override
  public FSDataOutputStream create(
      org.apache.hadoop.fs.Path file,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    WRITTEN.add(file.getName());
    return super.create(file, overwrite, bufferSize, replication, blockSize, progress);
  }

  /** A name that is taken stays as it is. */
  @Override
  public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
      throws IOException {
    return !exists(to) && super.rename(from, to);
  }

  /** The address of a local folder. */
  static Path at(Path folder) {
    var configuration = LocalSpark.session().sparkContext().hadoopConfiguration();
    configuration.setClass(
        "fs.viewfs.impl", RenamingStore.class, org.apache.hadoop.fs.FileSystem.class);
    return Storage.pathOf(ADDRESS + folder.toString());
  }
}
