package io.lorashear.spark.job;

import org.apache.spark.sql.SparkSession;

/** Spark sessions: spark-submit's where there is one, else a local one on all cores. */
public final class Sessions {
  private Sessions() {}

  public static SparkSession open(String name) {
    var builder = SparkSession.builder().appName("lorashear " + name);
    if (System.getProperty("spark.master") == null) {
      builder
          .master("local[*]")
          .config("spark.driver.bindAddress", "127.0.0.1")
          .config("spark.driver.host", "127.0.0.1")
          .config("spark.ui.enabled", "false");
    }
    var spark = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate();
    spark.sparkContext().setLogLevel("WARN");
    return spark;
  }
}
