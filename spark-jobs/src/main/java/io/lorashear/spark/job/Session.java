package io.lorashear.spark.job;

import io.lorashear.run.Progress;
import io.lorashear.spark.progress.PhaseListener;
import org.apache.spark.sql.SparkSession;

/**
 * A Spark session for one command: the one that is there, else spark-submit's, else a local one on
 * all cores.
 *
 * @param own whether it began for this command, and ends with it
 * @param listener tells how far its phases are
 */
record Session(SparkSession spark, boolean own, PhaseListener listener) implements AutoCloseable {

  /** Rows that Spark holds decoded at a time: they are whole texts, not numbers. */
  private static final long ROWS_OF_TEXT = 256;

  /** Of files that one task reads: a megabyte of packed text keeps a core busy for a second. */
  private static final long BYTES_OF_TEXT = 8 << 20;

  /** One that tells on the console how far it is. */
  static Session open(String name) {
    return open(name, Progress.console());
  }

  static Session open(String name, Progress progress) {
    var present = SparkSession.getDefaultSession();
    if (present.isDefined() && !present.get().sparkContext().isStopped()) {
      return listening(present.get(), false, progress);
    }
    var builder = SparkSession.builder().appName("lorashear " + name);
    if (System.getProperty("spark.master") == null) {
      builder
          .master("local[*]")
          .config("spark.driver.bindAddress", "127.0.0.1")
          .config("spark.driver.host", "127.0.0.1")
          .config("spark.ui.enabled", "false")
          .config("spark.sql.files.maxPartitionBytes", BYTES_OF_TEXT)
          .config("spark.sql.shuffle.partitions", 2L * Runtime.getRuntime().availableProcessors());
    }
    var spark =
        builder
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.inMemoryColumnarStorage.batchSize", ROWS_OF_TEXT)
            .config("spark.sql.parquet.columnarReaderBatchSize", ROWS_OF_TEXT)
            .config("spark.serializer.objectStreamReset", 1) // else 100 batches stay referenced
            .getOrCreate();
    spark.sparkContext().setLogLevel("WARN");
    return listening(spark, true, progress);
  }

  private static Session listening(SparkSession spark, boolean own, Progress progress) {
    var listener = new PhaseListener(progress);
    spark.sparkContext().addSparkListener(listener);
    return new Session(spark, own, listener);
  }

  @Override
  public void close() {
    spark.sparkContext().removeSparkListener(listener);
    listener.close();
    if (own) {
      spark.stop();
    }
  }
}
