package io.lorashear.spark.ingest;

import io.lorashear.bench.Measurement;
import io.lorashear.bench.PeakMemory;
import io.lorashear.bench.Repetitions;
import io.lorashear.bench.Workload;
import io.lorashear.spark.clean.Cleaning;
import io.lorashear.spark.clean.ModelTokens;
import io.lorashear.spark.progress.Tally;
import io.lorashear.spark.shard.ShardFolder;
import io.lorashear.spark.source.Batch;
import io.lorashear.spark.source.Document;
import io.lorashear.spark.source.Inputs;
import io.lorashear.spark.source.RawFile;
import io.lorashear.spark.source.SourceSettings;
import io.lorashear.spark.source.Sources;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Measures the first phase of the stage, raw files to cleaned rows on a disk, alternately with a
 * plain read of the files; also for every source by itself.
 *
 * @param repetitions repetitions of all sources one after the other and of the plain read, after
 *     one warm-up
 */
public record IngestBench(SparkSession spark, IngestSettings settings, int repetitions) {
  private static final double MEGABYTE = 1e6;

  /** A source with its files and batches, and the size of its documents' text in UTF-8. */
  private record Work(
      SourceSettings source, List<RawFile> files, List<Batch> batches, double megabytes) {}

  /** The measurement; megabytes refer to the documents' text before cleaning. */
  public Measurement measure() {
    try (var tokenizer = Tokenizer.open(settings.tokenizer())) {
      var counter = new TimedTokens(new ModelTokens(tokenizer));
      var cleaning = new Cleaning(settings.cleaning(), counter);
      var works = settings.sources().stream().map(this::work).toList();
      works.forEach(work -> readAndClean(work, cleaning));
      var peak = PeakMemory.peak();
      var counting = new double[works.size()];
      var runs = new ArrayList<Runnable>();
      for (var i = 0; i < counting.length; i++) {
        var number = i;
        runs.add(() -> counting[number] += readAndClean(works.get(number), cleaning));
      }
      runs.add(() -> works.forEach(this::read));
      var times = Repetitions.alternating(repetitions, runs);
      return new Measurement(
          Workload.INGEST,
          works.stream().mapToDouble(Work::megabytes).sum(),
          Repetitions.together(times.subList(0, counting.length)),
          "plain read",
          times.get(counting.length),
          peak,
          setting(works, times, counting));
    }
  }

  private Map<String, Object> setting(
      List<Work> works, List<Repetitions> times, double[] counting) {
    var setting = new LinkedHashMap<String, Object>();
    setting.put("threads", threads());
    for (var i = 0; i < counting.length; i++) {
      var work = works.get(i);
      setting.put(work.source().label(), line(work, times.get(i), counting[i]));
    }
    return setting;
  }

  private int threads() {
    return spark.sparkContext().defaultParallelism();
  }

  private Work work(SourceSettings source) {
    var configuration = spark.sparkContext().hadoopConfiguration();
    var inputs = Inputs.find(configuration, List.of(source), settings.limits());
    var batches = Sources.batches(configuration, inputs, settings.limits());
    var bytes =
        parallel(
            () ->
                batches.parallelStream()
                    .mapToLong(batch -> bytes(batch, new SerializableConfiguration(configuration)))
                    .sum());
    return new Work(source, inputs.raw(), batches, bytes / MEGABYTE);
  }

  private static long bytes(Batch batch, SerializableConfiguration configuration) {
    var bytes = 0L;
    for (var readings = batch.readings(configuration); readings.hasNext(); ) {
      if (readings.next() instanceof Document document) {
        bytes += (document.text() + document.response()).getBytes(StandardCharsets.UTF_8).length;
      }
    }
    return bytes;
  }

  private long parallel(Callable<Long> work) {
    var pool = new ForkJoinPool(threads());
    try {
      return pool.submit(work).join();
    } finally {
      pool.shutdown();
    }
  }

  /** Seconds that all threads spent counting tokens. */
  private double readAndClean(Work work, Cleaning cleaning) {
    var before = TimedTokens.seconds();
    try {
      var path = new Path(Files.createTempDirectory("lorashear-bench").toUri());
      var tally = new Tally();
      spark.sparkContext().register(tally, "bench");
      new ShardFolder(spark, path, null)
          .write(Verdicts.of(spark, work.batches(), cleaning, tally), Verdicts.SCHEMA, List.of());
      path.getFileSystem(spark.sparkContext().hadoopConfiguration()).delete(path, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return TimedTokens.seconds() - before;
  }

  private void read(Work work) {
    parallel(() -> work.files().parallelStream().mapToLong(this::plain).sum());
  }

  private long plain(RawFile file) {
    var path = new Path(file.path());
    var bytes = 0L;
    var buffer = new byte[1 << 16];
    try (var in = path.getFileSystem(spark.sparkContext().hadoopConfiguration()).open(path)) {
      for (var read = in.read(buffer); read > 0; read = in.read(buffer)) {
        bytes += read;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes;
  }

  private static String line(Work work, Repetitions time, double counting) {
    var processor = time.processorSeconds().stream().mapToDouble(Double::doubleValue).sum();
    return String.format(
        Locale.ROOT,
        "%.0f MB, %.1f MB/s, %.1f a second of processor time, tokens %.0f %%",
        work.megabytes(),
        work.megabytes() / time.best(),
        work.megabytes() / time.bestProcessor(),
        100 * counting / processor);
  }
}
