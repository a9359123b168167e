package io.lorashear.spark.tokenize;

import io.lorashear.InputException;
import io.lorashear.bench.Measurement;
import io.lorashear.bench.PeakMemory;
import io.lorashear.bench.Repetitions;
import io.lorashear.bench.Workload;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.metrics.MetricsFile;
import io.lorashear.run.Publication;
import io.lorashear.run.Stage;
import io.lorashear.spark.ingest.PublishedDocuments;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Measures the whole stage, from published documents to published shards, alternately with encoding
 * alone: the native library in a bare loop over the same passages, with as many threads as Spark
 * has cores.
 *
 * @param settings settings whose output is replaced by every repetition, and removed after the last
 * @param repetitions repetitions of each of the two, after a warm-up that is not counted
 */
public record TokenizeBench(SparkSession spark, TokenizeSettings settings, int repetitions) {
  private static final double MEGABYTE = 1e6;

  /**
   * The measurement; megabytes refer to the passages' UTF-8 text, each encoded once.
   *
   * @throws InputException if the output is there already, because it would be removed
   */
  public Measurement measure() {
    if (Files.exists(settings.output())) {
      throw new InputException(
          "output is %s, which exists: the benchmark writes there and removes it afterwards, so"
              + " name a folder that does not exist, or leave output out",
          settings.output());
    }
    var documents = PublishedDocuments.open(settings.documents());
    var rows = documents.rows(spark);
    var passages = texts(rows);
    int threads = spark.sparkContext().defaultParallelism();
    try (var tokenizer = Tokenizer.open(settings.tokenizer())) {
      var pool = new ForkJoinPool(threads);
      Runnable ours = () -> publish(rows);
      Runnable limit = () -> encode(tokenizer, passages, pool);
      ours.run();
      var peak = PeakMemory.peak();
      limit.run();
      var times = Repetitions.alternating(repetitions, List.of(ours, limit));
      pool.shutdown();
      delete(settings.output());
      var setting = new LinkedHashMap<String, Object>();
      setting.put("documents", String.valueOf(settings.documents().getFileName()));
      setting.put("passages", passages.size());
      setting.put("threads", threads);
      setting.put("exclude", settings.validation().exclude());
      return new Measurement(
          Workload.TOKENIZE,
          megabytes(passages),
          times.get(0),
          "ids alone",
          times.get(1),
          peak,
          setting);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> texts(Dataset<Row> rows) {
    return Passage.of(rows, settings.passageCharacters()).collectAsList().stream()
        .map(Passage::of)
        .map(passage -> passage.text() + passage.response())
        .toList();
  }

  private static double megabytes(List<String> texts) {
    return texts.stream().mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length).sum()
        / MEGABYTE;
  }

  private void publish(Dataset<Row> rows) {
    try (var publication = Publication.begin(settings.output())) {
      var scratch = Files.createTempDirectory("lorashear-bench");
      var manifest = JsonFile.object();
      var output = new Stage.Output(publication.directory(), manifest, scratch, MetricsFile.none());
      Tokenize.write(rows, Map.of(), settings, output).writeTo(output);
      publication.publish(manifest);
      delete(scratch);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var all = Files.walk(folder)) {
      for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static void encode(Tokenizer tokenizer, List<String> texts, ForkJoinPool pool) {
    pool.submit(() -> texts.parallelStream().forEach(tokenizer::encodeAtOnce)).join();
  }
}
