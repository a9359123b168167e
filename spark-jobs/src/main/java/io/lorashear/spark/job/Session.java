package io.lorashear.spark.job;

import io.lorashear.InputException;
import io.lorashear.device.PyTorch;
import io.lorashear.run.Progress;
import io.lorashear.spark.progress.PhaseListener;
import io.lorashear.spark.progress.PhaseMetrics;
import io.lorashear.spark.store.LocalDisk;
import io.lorashear.stop.StopRequest;
import org.apache.spark.sql.SparkSession;

/**
 * A Spark session for one command: the existing one, otherwise spark-submit's, otherwise a local
 * one on all cores.
 *
 * @param own whether it was opened for this command, and is closed with it
 * @param listener reports the progress of its phases
 * @param metrics the counts of its phases for Spark's sinks
 * @param cancels cancels its jobs if a signal asks to stop
 */
record Session(
    SparkSession spark,
    boolean own,
    PhaseListener listener,
    PhaseMetrics metrics,
    StopRequest.Scope cancels)
    implements AutoCloseable {

  /** Number of rows that Spark caches together; small, because rows are whole texts. */
  private static final long ROWS_OF_TEXT = 256;

  /**
   * Whether Parquet files are decoded in batches. A batch of books has a hundred megabytes in one
   * array, which may find no room in a heap of a gigabyte that is half empty.
   */
  private static final String BATCHES = "spark.sql.parquet.enableVectorizedReader";

  /**
   * Bytes of files that one task reads: a megabyte of compressed text keeps a core busy for a
   * second.
   */
  private static final long BYTES_OF_TEXT = 8 << 20;

  private static final String TASK_BYTES = "spark.sql.files.maxPartitionBytes";

  /** Whether a local session serves Spark's pages and metrics. */
  private static final String PAGES = "spark.ui.enabled";

  /** Minimum heap of a driver in bytes: one and a half times what Spark reserves for itself. */
  private static final long LEAST_HEAP = 471_859_200;

  /** Lets cancelled tasks end in the midst of a record. */
  private static final String INTERRUPTS = "spark.job.interruptOnCancel";

  /** By default executors look for PyTorch in the same place as the driver. */
  private static final String EXECUTORS_TORCH = "spark.executorEnv." + PyTorch.VARIABLE;

  /** Refuses a heap of this process that is too small, unless a session exists. */
  static void requireHeap() {
    if (SparkSession.getDefaultSession().isEmpty()) {
      requireHeap(Runtime.getRuntime().maxMemory());
    }
  }

  /**
   * Refuses a heap that is too small for a session.
   *
   * @param bytes maximum size of the heap, without the part that the garbage collector keeps empty
   */
  static void requireHeap(long bytes) {
    if (bytes < LEAST_HEAP) {
      throw new InputException(
          "this command runs on Spark, which needs a heap of 480m or more; it has about %dm: set"
              + " LORASHEAR_HEAP higher, for example LORASHEAR_HEAP=2g",
          bytes >> 20);
    }
  }

  /** Opens a session that reports progress on the console. */
  static Session open(String name) {
    return open(name, Progress.console());
  }

  static Session open(String name, Progress progress) {
    var present = SparkSession.getDefaultSession();
    if (present.isDefined() && !present.get().sparkContext().isStopped()) {
      return listening(present.get(), false, progress);
    }
    requireHeap(Runtime.getRuntime().maxMemory());
    var builder = SparkSession.builder().appName("lorashear " + name);
    var master = System.getProperty("spark.master");
    if (master == null || master.startsWith("local")) {
      // a full heap fails its task with a message
      builder.config("spark.executor.killOnFatalError.depth", 0);
    }
    if (System.getProperty(TASK_BYTES) == null) {
      builder.config(TASK_BYTES, BYTES_OF_TEXT);
    }
    if (master == null) {
      builder
          .master("local[*]")
          .config("spark.driver.bindAddress", "127.0.0.1")
          .config("spark.driver.host", "127.0.0.1")
          .config("spark.ui.enabled", System.getProperty(PAGES, "false"))
          .config("spark.hadoop.fs.file.impl", LocalDisk.class.getName())
          .config("spark.sql.shuffle.partitions", 2L * Runtime.getRuntime().availableProcessors());
    }
    PyTorch.variable()
        .filter(torch -> System.getProperty(EXECUTORS_TORCH) == null)
        .ifPresent(torch -> builder.config(EXECUTORS_TORCH, torch));
    var spark =
        builder
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.inMemoryColumnarStorage.batchSize", ROWS_OF_TEXT)
            .config(BATCHES, false)
            .config(
                "spark.serializer.objectStreamReset", 1) // otherwise 100 batches stay referenced
            .getOrCreate();
    spark.sparkContext().setLogLevel("WARN");
    return listening(spark, true, progress);
  }

  private static Session listening(SparkSession spark, boolean own, Progress progress) {
    var metrics = PhaseMetrics.register();
    var listener = new PhaseListener(progress, metrics);
    spark.sparkContext().addSparkListener(listener);
    spark.sparkContext().addSparkListener(new LostExecutors());
    spark.sparkContext().setLocalProperty(INTERRUPTS, "true");
    var cancels = StopRequest.during(new RunningJobs(spark.sparkContext()));
    return new Session(spark, own, listener, metrics, cancels);
  }

  @Override
  public void close() {
    cancels.close();
    spark.sparkContext().removeSparkListener(listener);
    listener.close();
    metrics.close();
    if (own) {
      spark.stop();
    }
  }
}
