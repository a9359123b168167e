package io.lorashear.spark.enlarge;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lorashear.InputException;
import io.lorashear.run.ContentHash;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.spark.enlarge.EnlargeSettings.EnlargedSource;
import io.lorashear.spark.ingest.PublishedDocuments;
import io.lorashear.spark.progress.Phase;
import io.lorashear.spark.progress.Tally;
import io.lorashear.spark.shard.ShardFolder;
import io.lorashear.spark.shard.WholeFiles;
import io.lorashear.spark.store.HadoopStorage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Writes raw JSON lines of any size, to measure how the other stages behave with much text.
 *
 * <pre>
 *   words        ← documents, in the order of source and id
 *   document n   = words drawn by (seed, source, n), so that it is the same in any file or task
 *   file f       = the documents f · k … (f + 1) · k − 1, one task
 * </pre>
 */
public final class Enlarge {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** One file that a task writes. */
  private record Job(EnlargedSource source, int number, long from, long to)
      implements Serializable {
    String name() {
      return "%s/part-%05d.jsonl".formatted(source.name(), number);
    }
  }

  private Enlarge() {}

  /**
   * Publishes the files, or returns the published ones.
   *
   * @throws InputException if the documents are missing or damaged, or have no words
   */
  public static PublishedDirectory publish(
      SparkSession spark, EnlargeSettings settings, boolean overwrite) {
    return ready(settings).overwrite(overwrite).run(output -> write(spark, settings, output));
  }

  /**
   * The stage, after checking its input; does not run it.
   *
   * @throws InputException if the documents are missing
   */
  public static Stage ready(EnlargeSettings settings) {
    PublishedDocuments.open(settings.documents());
    long characters = characters(settings);
    return Stage.of("enlarge", settings.output(), settings, Enlarge.class)
        .parent("documents", ContentHash.of(settings.documents()))
        .room(characters, 2 * characters);
  }

  /** About how many there will be. */
  private static long characters(EnlargeSettings settings) {
    return settings.sources().stream()
        .mapToLong(source -> source.count() * source.characters() + source.longest())
        .sum();
  }

  private static void write(SparkSession spark, EnlargeSettings settings, Stage.Output output)
      throws IOException {
    var folder = HadoopStorage.hadoop(output.directory());
    var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    var words = context.broadcast(words(spark, settings));
    var configuration = new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
    var jobs = jobs(settings);
    long documents = settings.sources().stream().mapToLong(EnlargedSource::count).sum();
    try (var measured = Phase.measured(spark, output);
        var phase = Phase.begin(spark, "write", characters(settings), "characters")) {
      var tally = phase.tally();
      var address = folder.toString();
      long seed = settings.seed();
      context
          .parallelize(jobs, jobs.size())
          .foreach(job -> write(job, new Path(address), configuration, words, seed, tally));
      WholeFiles.fileSystem(folder, configuration.value())
          .delete(new Path(folder, ShardFolder.WRITING), true);
    } finally {
      words.destroy();
    }
    output.manifest().put("kind", "raw").put("documents", documents);
  }

  private static WordRuns words(SparkSession spark, EnlargeSettings settings) {
    var rows =
        PublishedDocuments.open(settings.documents())
            .rows(spark)
            .orderBy("source", "id")
            .select("text")
            .as(Encoders.STRING());
    var words = WordRuns.of(rows::toLocalIterator);
    if (words.size() == 0) {
      throw new InputException(
          "%s has no text: give documents that ingest kept", settings.documents());
    }
    return words;
  }

  private static List<Job> jobs(EnlargeSettings settings) {
    var jobs = new ArrayList<Job>();
    for (var source : settings.sources()) {
      long perFile = settings.perFile(source);
      int number = 0;
      for (long from = 0; from < source.count(); from += perFile) {
        jobs.add(new Job(source, number++, from, Math.min(from + perFile, source.count())));
      }
    }
    return jobs;
  }

  private static void write(
      Job job,
      Path folder,
      SerializableConfiguration configuration,
      Broadcast<WordRuns> words,
      long seed,
      Tally tally)
      throws IOException {
    WholeFiles.write(
        WholeFiles.fileSystem(folder, configuration.value()),
        new Path(folder, job.name()),
        new Path(folder, ShardFolder.WRITING),
        file -> {
          var out = new BufferedOutputStream(file, 1 << 16);
          for (long n = job.from(); n < job.to(); n++) {
            var text = text(job.source(), n, seed, words.value());
            var line = JsonNodeFactory.instance.objectNode().put("id", n).put("text", text);
            out.write(JSON.writeValueAsBytes(line));
            out.write('\n');
            tally.record(text.length());
          }
          out.flush();
        });
  }

  /** Document {@code n} of a source. */
  private static String text(EnlargedSource source, long n, long seed, WordRuns words) {
    long mixed = (seed * 31 + source.name().hashCode()) * 0x9E3779B97F4A7C15L + n;
    var random = new SplittableRandom(new SplittableRandom(mixed).nextLong());
    int mean = source.characters();
    int length = random.nextInt(mean - mean / 2, mean + mean / 2 + 1);
    return words.document(random, n == 0 && source.longest() > 0 ? source.longest() : length);
  }
}
