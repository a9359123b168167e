package io.lorashear.spark;

import io.lorashear.spark.store.LocalDisk;
import org.apache.spark.sql.SparkSession;

/** One session for all tests of the module: starting one costs more than most tests. */
public final class LocalSpark {
  private LocalSpark() {}

  private static final class Holder {
    static final SparkSession SESSION =
        SparkSession.builder()
            .master("local[2]")
            .appName("tests")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.hadoop.fs.file.impl", LocalDisk.class.getName())
            .config("spark.sql.shuffle.partitions", "3")
            .config("spark.sql.session.timeZone", "UTC")
            .getOrCreate();
  }

  /** The session, with two local threads. */
  public static SparkSession session() {
    return Holder.SESSION;
  }
}
