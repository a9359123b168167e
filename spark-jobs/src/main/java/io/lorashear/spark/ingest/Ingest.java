package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.col;

import io.lorashear.InputException;
import io.lorashear.run.Stage;
import io.lorashear.spark.clean.Cleaning;
import io.lorashear.spark.clean.ModelTokens;
import io.lorashear.spark.clean.TokenCounter;
import io.lorashear.spark.decontaminate.Reference;
import io.lorashear.spark.progress.Phase;
import io.lorashear.spark.shard.DeterministicParquet;
import io.lorashear.spark.shard.ShardFolder;
import io.lorashear.spark.source.Batch;
import io.lorashear.spark.source.Inputs;
import io.lorashear.spark.source.SourceSettings;
import io.lorashear.spark.source.Sources;
import io.lorashear.spark.source.Unreadable;
import io.lorashear.spark.store.HadoopStorage;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/**
 * Raw corpora to documents.
 *
 * <pre>
 *   files → records → documents → cleaned → without repetitions → without what is measured on
 *     → documents/  dropped/  manifest.json
 * </pre>
 *
 * The published bytes follow from the files' content and the settings alone.
 */
public final class Ingest {
  /** Folder of the documents in what is published. */
  static final String DOCUMENTS = "documents";

  /** Folder of what was dropped. */
  static final String DROPPED = "dropped";

  private static final String STAGING = "verdicts";
  private static final int MOST_MESSAGES = 20;

  private final SparkSession spark;
  private final IngestSettings settings;
  private final Cleaning cleaning;
  private final Inputs inputs;
  private final Reference reference;

  private Ingest(SparkSession spark, IngestSettings settings, TokenCounter counter) {
    this.spark = spark;
    this.settings = settings;
    cleaning = new Cleaning(settings.cleaning(), counter);
    var configuration = spark.sparkContext().hadoopConfiguration();
    inputs = Inputs.find(configuration, settings.sources(), settings.limits());
    reference = Reference.read(settings.decontamination());
  }

  /**
   * Reads, cleans and publishes the documents of all sources at {@code settings.output}. Where they
   * were published already, from the same bytes and settings, nothing is done.
   *
   * @param overwrite whether to replace what was published from other inputs or settings
   * @throws InputException if a path leads nowhere, a file cannot be read to its end (unless such
   *     files are skipped), or a source gives no document; nothing is published then
   */
  public static IngestReport run(SparkSession spark, IngestSettings settings, boolean overwrite) {
    try (var tokenizer = Tokenizer.open(settings.tokenizer())) {
      var counter = new ModelTokens(tokenizer);
      return run(spark, settings, overwrite, counter, tokenizer.sha256());
    }
  }

  /**
   * The same with lengths counted in tokens of another kind.
   *
   * @param tokens hash of what the counter counts with
   */
  static IngestReport run(
      SparkSession spark,
      IngestSettings settings,
      boolean overwrite,
      TokenCounter counter,
      String tokens) {
    var ingest = new Ingest(spark, settings, counter);
    ingest.refuse(ingest.inputs.problems());
    var stage = Stage.of("ingest", settings.output(), settings, Ingest.class).overwrite(overwrite);
    stage.parent("tokenizer", tokens).parent("measured on", ingest.reference.hash());
    ingest.hashes().forEach((source, hash) -> stage.parent("source " + source, hash));
    var published = stage.run(ingest::write);
    return IngestReport.of(published.manifest());
  }

  private SortedMap<String, String> hashes() {
    try (var phase = Phase.begin(spark, "hash the files")) {
      return inputs.hashes(JavaSparkContext.fromSparkContext(phase.spark().sparkContext()));
    }
  }

  private void refuse(List<Unreadable> problems) {
    if (settings.badFiles() == BadFiles.FAIL && !problems.isEmpty()) {
      var shown = problems.stream().limit(MOST_MESSAGES).map(Unreadable::message).toList();
      var more = problems.size() - shown.size();
      throw new InputException(
          "%s%s", String.join("\n", shown), more > 0 ? "\nand %d more files".formatted(more) : "");
    }
  }

  private void write(Stage.Output output) throws IOException {
    var verdicts = verdicts(HadoopStorage.hadoop(output.scratch()));
    var unreadable = unreadable(verdicts);
    refuse(unreadable);
    var most = settings.decontamination().most();
    try (var repetitions = new Repetitions(settings.duplicates());
        var contamination = new Contamination(reference, most)) {
      var judged = judged(readable(verdicts, unreadable), repetitions, contamination);
      judged.persist(StorageLevel.MEMORY_AND_DISK());
      var sources = sources(HadoopStorage.hadoop(output.directory()), judged);
      new IngestReport(
              sources, files(unreadable), warnings(), contamination.tasks(), repetitions.notes())
          .addTo(output.manifest());
      judged.unpersist();
    }
  }

  private Dataset<Row> judged(
      Dataset<Row> verdicts, Repetitions repetitions, Contamination contamination) {
    try (var phase = Phase.begin(spark, "compare documents")) {
      return contamination.mark(repetitions.mark(verdicts));
    }
  }

  /** Every record with what becomes of it; what a killed run has read is found here again. */
  private Dataset<Row> verdicts(Path scratch) throws IOException {
    var staging = new ShardFolder(spark, new Path(scratch, STAGING), null);
    var finished = staging.finished().keySet();
    var batches =
        Sources.batches(inputs, settings.limits()).stream()
            .filter(batch -> !finished.contains(ShardFolder.name(batch.number())))
            .toList();
    if (!batches.isEmpty()) {
      var bytes = batches.stream().mapToLong(Batch::bytes).sum();
      try (var phase = Phase.begin(spark, "read and clean", bytes, "bytes")) {
        staging.write(Verdicts.of(spark, batches, cleaning, phase.tally()), List.of());
      }
    }
    return spark.read().schema(Verdicts.SCHEMA).parquet(staging.directory().toString());
  }

  private List<Unreadable> unreadable(Dataset<Row> verdicts) {
    return verdicts
        .filter(col("reason").equalTo(Verdicts.UNREADABLE))
        .select("source", "file", "excerpt")
        .distinct()
        .orderBy("source", "file", "excerpt")
        .collectAsList()
        .stream()
        .map(row -> inputs.unreadable(row.getString(0), row.getString(1), row.getString(2)))
        .toList();
  }

  private static Dataset<Row> readable(Dataset<Row> verdicts, List<Unreadable> unreadable) {
    var files = new TreeSet<String>();
    unreadable.forEach(each -> files.add(each.source() + "/" + each.file()));
    return Drops.withoutFiles(verdicts, files);
  }

  private List<SourceReport> sources(Path folder, Dataset<Row> judged) {
    var documents =
        judged
            .filter(col("reason").isNull())
            .select("source", "id", "kind", "text", "response", "file", "position", "paragraphs");
    var counts =
        new Counts(
            written(documents, List.of("id"), new Path(folder, DOCUMENTS)),
            written(Drops.of(judged), List.of("id", "unit", "reason"), new Path(folder, DROPPED)));
    var sources = new ArrayList<SourceReport>();
    for (var source : settings.sources()) {
      sources.add(notEmpty(counts.of(source, inputs)));
    }
    return sources;
  }

  private static List<String> files(List<Unreadable> unreadable) {
    return unreadable.stream()
        .map(file -> "%s/%s %s".formatted(file.source(), file.file(), file.problem()))
        .toList();
  }

  private List<String> warnings() {
    return settings.sources().stream()
        .map(SourceSettings::warning)
        .flatMap(Optional::stream)
        .toList();
  }

  private static SourceReport notEmpty(SourceReport source) {
    if (source.documents() == 0) {
      throw new InputException(
          "source %s gives no document: %d records in %d files, dropped for %s:"
              + " check its path, its format and the cleaning settings",
          source.name(), source.records(), source.files(), source.dropped());
    }
    return source;
  }

  private Dataset<Row> written(Dataset<Row> rows, List<String> keys, Path folder) {
    try (var phase = Phase.begin(spark, "write " + folder.getName())) {
      DeterministicParquet.write(rows, List.of(), keys, settings.rowsPerFile(), folder);
    }
    return spark.read().schema(rows.schema()).parquet(folder.toString());
  }
}
