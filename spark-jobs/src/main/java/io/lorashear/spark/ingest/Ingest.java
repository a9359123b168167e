package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.col;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.run.Publication;
import io.lorashear.run.Sha256;
import io.lorashear.settings.Settings;
import io.lorashear.spark.clean.Cleaning;
import io.lorashear.spark.clean.ModelTokens;
import io.lorashear.spark.clean.TokenCounter;
import io.lorashear.spark.dedup.ExactDuplicates;
import io.lorashear.spark.shard.DeterministicParquet;
import io.lorashear.spark.source.Inputs;
import io.lorashear.spark.source.SourceSettings;
import io.lorashear.spark.source.Sources;
import io.lorashear.spark.source.Unreadable;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/**
 * Raw corpora to documents.
 *
 * <pre>
 *   files → records → documents → cleaned → without duplicates → documents/  dropped/  manifest.json
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

  private Ingest(SparkSession spark, IngestSettings settings, TokenCounter counter) {
    this.spark = spark;
    this.settings = settings;
    cleaning = new Cleaning(settings.cleaning(), counter);
    var configuration = spark.sparkContext().hadoopConfiguration();
    inputs = Inputs.find(configuration, settings.sources(), settings.limits());
  }

  /**
   * Reads, cleans and publishes the documents of all sources at {@code output}.
   *
   * @throws InputException if a path leads nowhere, a file cannot be read to its end (unless such
   *     files are skipped), or a source gives no document; nothing is published then
   */
  public static IngestReport run(SparkSession spark, IngestSettings settings, Path output) {
    try (var tokenizer = Tokenizer.open(settings.tokenizer())) {
      var counter = new ModelTokens(tokenizer.file());
      return run(spark, settings, output, counter, tokenizer.sha256());
    }
  }

  /**
   * The same with lengths counted in tokens of another kind.
   *
   * @param tokens what the manifest says about the tokens
   */
  static IngestReport run(
      SparkSession spark,
      IngestSettings settings,
      Path output,
      TokenCounter counter,
      String tokens) {
    try (var publication = Publication.begin(output)) {
      var ingest = new Ingest(spark, settings, counter);
      ingest.refuse(ingest.inputs.problems().stream().map(Unreadable::message).toList());
      var report = ingest.write(new org.apache.hadoop.fs.Path(publication.directory().toUri()));
      publication.publish(ingest.manifest(report, tokens));
      return report;
    }
  }

  private void refuse(List<String> problems) {
    if (settings.badFiles() == BadFiles.FAIL && !problems.isEmpty()) {
      var shown = problems.stream().limit(MOST_MESSAGES).toList();
      var more = problems.size() - shown.size();
      throw new InputException(
          "%s%s", String.join("\n", shown), more > 0 ? "\nand %d more files".formatted(more) : "");
    }
  }

  private IngestReport write(org.apache.hadoop.fs.Path folder) {
    var staging = new org.apache.hadoop.fs.Path(folder, STAGING);
    var readings =
        Sources.read(
            JavaSparkContext.fromSparkContext(spark.sparkContext()), inputs, settings.limits());
    Verdicts.of(spark, readings, cleaning).write().parquet(staging.toString());
    var verdicts = spark.read().schema(Verdicts.SCHEMA).parquet(staging.toString());
    var unreadable = unreadable(verdicts);
    refuse(unreadable.stream().map(Unreadable::message).toList());
    var judged = judged(verdicts, unreadable).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      return report(folder, judged, unreadable);
    } finally {
      judged.unpersist();
      delete(staging);
    }
  }

  private List<Unreadable> unreadable(Dataset<Row> verdicts) {
    return verdicts
        .filter(col("reason").equalTo(Verdicts.UNREADABLE))
        .select("source", "file", "excerpt")
        .distinct()
        .orderBy("source", "file", "excerpt")
        .collectAsList()
        .stream()
        .map(row -> new Unreadable(row.getString(0), row.getString(1), row.getString(2)))
        .toList();
  }

  private Dataset<Row> judged(Dataset<Row> verdicts, List<Unreadable> unreadable) {
    var files = new TreeSet<String>();
    unreadable.forEach(each -> files.add(each.source() + "/" + each.file()));
    var readable = Drops.withoutFiles(verdicts, files);
    return settings.exactDuplicates() ? ExactDuplicates.mark(readable) : readable;
  }

  private IngestReport report(
      org.apache.hadoop.fs.Path folder, Dataset<Row> judged, List<Unreadable> unreadable) {
    var documents =
        judged
            .filter(col("reason").isNull())
            .select("source", "id", "kind", "text", "response", "file", "position", "paragraphs");
    var counts =
        new Counts(
            written(documents, List.of("id"), new org.apache.hadoop.fs.Path(folder, DOCUMENTS)),
            written(
                Drops.of(judged),
                List.of("id", "unit", "reason"),
                new org.apache.hadoop.fs.Path(folder, DROPPED)));
    var sources = new ArrayList<SourceReport>();
    for (var source : settings.sources()) {
      sources.add(notEmpty(counts.of(source, inputs)));
    }
    return new IngestReport(
        sources,
        unreadable.stream().map(Unreadable::message).toList(),
        settings.sources().stream()
            .map(SourceSettings::warning)
            .flatMap(Optional::stream)
            .toList());
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

  private Dataset<Row> written(
      Dataset<Row> rows, List<String> keys, org.apache.hadoop.fs.Path folder) {
    DeterministicParquet.write(rows, List.of(), keys, settings.rowsPerFile(), folder);
    return spark.read().schema(rows.schema()).parquet(folder.toString());
  }

  private void delete(org.apache.hadoop.fs.Path path) {
    try {
      var configuration = spark.sparkContext().hadoopConfiguration();
      FileSystem.get(path.toUri(), configuration).delete(path, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ObjectNode manifest(IngestReport report, String tokens) {
    var manifest = JsonMapper.builder().build().createObjectNode();
    manifest.put("kind", DOCUMENTS).put("version", 1).put("tokenizer", tokens);
    manifest.put("settings", Sha256.of(Settings.canonical(settings)));
    var sources = manifest.putArray("sources");
    for (var source : report.sources()) {
      var node = sources.addObject();
      node.put("name", source.name()).put("licence", source.licence());
      node.put("files", source.files()).put("records", source.records());
      node.put("documents", source.documents()).put("paragraphs", source.paragraphs());
      node.put("characters", source.characters());
      source.dropped().forEach(node.putObject("dropped")::put);
      source.removed().forEach(node.putObject("removed_paragraphs")::put);
    }
    return manifest;
  }
}
