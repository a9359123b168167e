package io.lorashear.spark.store;

import io.lorashear.settings.Storage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;

/** Storage on every file system that Hadoop supports. Hadoop finds the credentials. */
public final class HadoopStorage implements Storage {

  @Override
  public Path path(URI address) {
    var fileSystem = StoreProvider.INSTANCE.getFileSystem(address);
    return fileSystem.getPath(address.getPath());
  }

  /** The path in the form of Hadoop and Spark; a local one becomes absolute. */
  public static org.apache.hadoop.fs.Path hadoop(Path path) {
    return path instanceof StorePath there
        ? there.hadoop()
        : new org.apache.hadoop.fs.Path("file:" + path.toAbsolutePath().normalize());
  }

  static FileSystem fileSystem(URI address) throws IOException {
    return FileSystem.get(address, configuration());
  }

  /**
   * Configuration of the session; on an executor, and before there is a session, the one that Spark
   * was started with.
   */
  public static Configuration configuration() {
    var session = SparkSession.getDefaultSession();
    if (session.isDefined() && !session.get().sparkContext().isStopped()) {
      return session.get().sparkContext().hadoopConfiguration();
    }
    var environment = SparkEnv.get();
    return environment == null
        ? SparkHadoopUtil.get().conf()
        : SparkHadoopUtil.get().newConfiguration(environment.conf());
  }
}
