package io.lorashear.spark.job;

import org.apache.spark.sql.SparkSession;

/**
 * A Spark session for one command: the one that is there, else spark-submit's, else a local one on
 * all cores.
 *
 * @param own whether it began for this command, and ends with it
 */
record Session(SparkSession spark, boolean own) implements AutoCloseable {

  static Session open(String name) {
    var present = SparkSession.getDefaultSession();
    if (present.isDefined() && !present.get().sparkContext().isStopped()) {
      return new Session(present.get(), false);
    }
    var builder = SparkSession.builder().appName("lorashear " + name);
    if (System.getProperty("spark.master") == null) {
      builder
          .master("local[*]")
          .config("spark.driver.bindAddress", "127.0.0.1")
          .config("spark.driver.host", "127.0.0.1")
          .config("spark.ui.enabled", "false")
          .config("spark.sql.shuffle.partitions", 2L * Runtime.getRuntime().availableProcessors());
    }
    var spark = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate();
    spark.sparkContext().setLogLevel("WARN");
    return new Session(spark, true);
  }

  @Override
  public void close() {
    if (own) {
      spark.stop();
    }
  }
}
