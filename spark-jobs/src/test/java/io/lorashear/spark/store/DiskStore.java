package io.lorashear.spark.store;

import io.lorashear.settings.Storage;
import io.lorashear.spark.LocalSpark;
import java.net.URI;
import java.nio.file.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local disk as one of Hadoop's file systems, at {@code disk://store/…}. */
public final class DiskStore extends RawLocalFileSystem {
  private static final URI ADDRESS = URI.create("disk://store");

  @Override
  public URI getUri() {
    return ADDRESS;
  }

  @Override
  public String getScheme() {
    return ADDRESS.getScheme();
  }

  /** The address of a local folder. */
  public static Path at(Path folder) {
    var configuration = LocalSpark.session().sparkContext().hadoopConfiguration();
    configuration.setClass("fs.disk.impl", DiskStore.class, org.apache.hadoop.fs.FileSystem.class);
    return Storage.pathOf(ADDRESS + folder.toString());
  }
}
