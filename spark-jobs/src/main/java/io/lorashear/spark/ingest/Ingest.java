package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.col;

import io.lorashear.InputException;
import io.lorashear.run.Publication;
import io.lorashear.run.Refusals;
import io.lorashear.run.Stage;
import io.lorashear.settings.Settings;
import io.lorashear.spark.clean.Cleaning;
import io.lorashear.spark.clean.ModelTokens;
import io.lorashear.spark.clean.TokenCounter;
import io.lorashear.spark.decontaminate.Reference;
import io.lorashear.spark.engine.Interpreted;
import io.lorashear.spark.progress.Phase;
import io.lorashear.spark.shard.DeterministicParquet;
import io.lorashear.spark.shard.ShardFolder;
import io.lorashear.spark.source.Batch;
import io.lorashear.spark.source.Inputs;
import io.lorashear.spark.source.RawFile;
import io.lorashear.spark.source.SourceSettings;
import io.lorashear.spark.source.Sources;
import io.lorashear.spark.source.Unreadable;
import io.lorashear.spark.store.HadoopStorage;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Turns raw corpora into documents.
 *
 * <pre>
 *   files → records → documents → cleaned → without repetitions → without evaluation text
 *     → documents/  dropped/  manifest.json
 * </pre>
 *
 * The published bytes depend only on the files' content and the settings.
 */
public final class Ingest {
  /** Folder of the documents in the published output. */
  static final String DOCUMENTS = "documents";

  /** Folder of the dropped text. */
  static final String DROPPED = "dropped";

  private static final String STAGING = "verdicts";
  private static final String NOTES = "notes";
  private static final int MOST_MESSAGES = 20;

  private final SparkSession spark;
  private final IngestSettings settings;
  private final Cleaning cleaning;
  private final Material material;
  private final List<PublishedDocuments> earlier;
  private final Ledger ledger;
  private final Inputs inputs;
  private final Reference reference;

  private Ingest(
      SparkSession spark, IngestSettings settings, TokenCounter counter, Material material) {
    this.spark = spark;
    this.material = material;
    this.settings = settings;
    cleaning = new Cleaning(settings.cleaning(), counter);
    earlier = material.earlier();
    ledger = material.ledger();
    inputs = material.inputs();
    reference = material.reference();
  }

  /**
   * The stage, after checking all of its inputs; does not run it. Files are hashed only if it
   * matters whether they are unchanged.
   *
   * @throws InputException with all inputs that are missing, damaged, or not what the settings say
   */
  public static Stage ready(IngestSettings settings) {
    var configuration = HadoopStorage.configuration();
    boolean matters =
        !settings.earlier().isEmpty()
            || Files.isRegularFile(settings.output().resolve(Publication.MANIFEST));
    var material =
        look(
            configuration,
            settings,
            files -> matters ? Inputs.hashed(configuration, files) : files);
    return material.stage(settings, Tokenizer.shared(settings.tokenizer()).sha256());
  }

  private static Material look(
      Configuration configuration, IngestSettings settings, UnaryOperator<List<RawFile>> hashing) {
    var found = new AtomicReference<Material>();
    Refusals.together(
        () -> Tokenizer.shared(settings.tokenizer()),
        () -> Publication.check(settings.output(), Settings.paths(settings)),
        () -> found.set(Material.of(configuration, settings, hashing)));
    return Objects.requireNonNull(found.get());
  }

  /**
   * Reads, cleans and publishes the documents of all sources at {@code settings.output}. If they
   * were already published from the same bytes and settings, nothing is done. With {@code
   * settings.earlier} there may be nothing new; then no document is published.
   *
   * @param overwrite whether to replace a publication from other inputs or settings
   * @throws InputException if a path leads nowhere, a file cannot be read to its end (unless such
   *     files are skipped), or a source gives no document; then nothing is published
   */
  public static IngestReport run(SparkSession spark, IngestSettings settings, boolean overwrite) {
    var configuration = spark.sparkContext().hadoopConfiguration();
    var material = look(configuration, settings, files -> hashed(spark, files));
    var tokenizer = Tokenizer.shared(settings.tokenizer());
    var ingest = new Ingest(spark, settings, new ModelTokens(tokenizer), material);
    return ingest.run(tokenizer.sha256(), overwrite);
  }

  /**
   * The same with lengths counted by another token counter.
   *
   * @param tokens hash of the counter's tokenizer
   */
  static IngestReport run(
      SparkSession spark,
      IngestSettings settings,
      boolean overwrite,
      TokenCounter counter,
      String tokens) {
    var configuration = spark.sparkContext().hadoopConfiguration();
    var material = Material.of(configuration, settings, files -> hashed(spark, files));
    return new Ingest(spark, settings, counter, material).run(tokens, overwrite);
  }

  private IngestReport run(String tokens, boolean overwrite) {
    var published = material.stage(settings, tokens).overwrite(overwrite).run(this::measured);
    return IngestReport.of(published.manifest());
  }

  private static List<RawFile> hashed(SparkSession spark, List<RawFile> files) {
    try (var phase = Phase.begin(spark, "hash the files")) {
      return Inputs.hashed(JavaSparkContext.fromSparkContext(phase.spark().sparkContext()), files);
    }
  }

  /**
   * Refuses files that cannot be read, unless such files are skipped; and settings that fit no
   * record, in any case.
   *
   * @throws InputException with the problem of the first of them
   */
  public static void refuse(IngestSettings settings, Inputs found) {
    var problems = new ArrayList<>(found.settings());
    if (settings.badFiles() == BadFiles.FAIL) {
      found.problems().forEach(problem -> problems.add(problem.message()));
    }
    refuse(problems);
  }

  private static void refuse(List<String> problems) {
    if (!problems.isEmpty()) {
      var shown = problems.stream().limit(MOST_MESSAGES).toList();
      var more = problems.size() - shown.size();
      throw new InputException(
          "%s%s", String.join("\n", shown), more > 0 ? "\nand %d more".formatted(more) : "");
    }
  }

  private void measured(Stage.Output output) throws IOException {
    try (var measured = Phase.measured(spark, output)) {
      write(output);
    }
  }

  private void write(Stage.Output output) throws IOException {
    var folder = HadoopStorage.hadoop(output.scratch());
    var staging = new ShardFolder(spark, new Path(folder, STAGING), new Path(folder, NOTES));
    var staged = staged(staging);
    var unreadable = staged.unreadable(inputs);
    if (settings.badFiles() == BadFiles.FAIL) {
      refuse(unreadable.stream().map(Unreadable::message).toList());
    }
    var most = settings.decontamination().most();
    var compared = staged.and(earlier);
    try (var interpreted = Interpreted.where(spark, compared.bytes());
        var shuffles = Shuffles.of(interpreted.spark(), compared, settings.duplicates());
        var repetitions = new Repetitions(settings.duplicates(), shuffles);
        var contamination = new Contamination(reference, most, shuffles);
        var again = new Repetitions(settings.duplicates(), shuffles)) {
      var verdicts = shuffles.laid(readable(staging, staged));
      var judged = shuffles.kept(judged(verdicts, repetitions, contamination, again));
      var counts = counts(judged);
      var sources = sources(counts);
      write(HadoopStorage.hadoop(output.directory()), judged, counts);
      var notes = notes(repetitions);
      notes.addAll(shortTexts(sources, counts));
      new IngestReport(sources, files(unreadable), warnings(), contamination.tasks(), notes)
          .addTo(output.manifest());
      judged.unpersist();
      ledger.write(output.directory());
    }
  }

  private Dataset<Row> judged(
      Dataset<Row> verdicts,
      Repetitions repetitions,
      Contamination contamination,
      Repetitions again) {
    try (var phase = Phase.begin(spark, "compare documents")) {
      var judged = contamination.mark(repetitions.mark(verdicts));
      return earlier.isEmpty()
          ? judged
          : EarlierDocuments.without(phase.spark(), earlier, judged, again);
    }
  }

  /** Reads the batches that were not read yet; those read by a killed run are found here. */
  private Staged staged(ShardFolder staging) throws IOException {
    var notes = new TreeMap<String, String>(staging.finished());
    var batches =
        Sources.batches(spark.sparkContext().hadoopConfiguration(), inputs, settings.limits())
            .stream()
            .filter(batch -> !notes.containsKey(ShardFolder.name(batch.number())))
            .toList();
    if (!batches.isEmpty() || notes.isEmpty()) {
      var bytes = batches.stream().mapToLong(Batch::bytes).sum();
      try (var phase = Phase.begin(spark, "read and clean", bytes, "bytes")) {
        staging
            .write(Verdicts.of(spark, batches, cleaning, phase.tally()), Verdicts.SCHEMA, List.of())
            .forEach(shard -> notes.put(shard.name(), shard.note()));
      }
    }
    return Staged.of(notes.values());
  }

  /** The verdicts on all records. */
  private Dataset<Row> readable(ShardFolder staging, Staged staged) {
    var verdicts = spark.read().schema(Verdicts.SCHEMA).parquet(staging.directory().toString());
    var files = new TreeSet<String>();
    staged.broken().forEach(each -> files.add(each.source() + "/" + each.file()));
    return Drops.withoutFiles(verdicts, files);
  }

  private Counts counts(Dataset<Row> judged) {
    try (var phase = Phase.begin(spark, "count documents")) {
      return Counts.of(judged);
    }
  }

  private List<String> shortTexts(List<SourceReport> sources, Counts counts) {
    int tokens = settings.cleaning().paragraphTokens();
    return sources.stream()
        .flatMap(each -> ShortTexts.note(each, counts.emptied(each.name()), tokens).stream())
        .toList();
  }

  private void write(Path folder, Dataset<Row> judged, Counts counts) {
    var documents =
        judged
            .filter(col("reason").isNull())
            .select("source", "id", "kind", "text", "response", "file", "position", "paragraphs");
    write(documents, counts.documents(), List.of("id"), new Path(folder, DOCUMENTS));
    var keys = List.of("id", "unit", "reason");
    var drops =
        counts.drops() == 0 ? judged : Drops.of(judged); // without drops only the folder is made
    write(drops, counts.drops(), keys, new Path(folder, DROPPED));
  }

  private List<SourceReport> sources(Counts counts) {
    var sources = new ArrayList<SourceReport>();
    for (var source : settings.sources()) {
      var report = counts.of(source, inputs);
      sources.add(earlier.isEmpty() ? notEmpty(report, source) : report);
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

  private List<String> notes(Repetitions repetitions) {
    var notes = new ArrayList<>(inputs.notes());
    notes.addAll(repetitions.notes());
    return notes;
  }

  private SourceReport notEmpty(SourceReport report, SourceSettings source) {
    if (report.documents() == 0) {
      var rules = new Rules(settings, source, settings.sources().indexOf(source));
      throw new InputException(
          "source %s gives no document: of %d records in %d files went %s:"
              + " correct what took them, or its path",
          report.name(), report.records(), report.files(), rules.words(report.dropped()));
    }
    return report;
  }

  private void write(Dataset<Row> rows, long number, List<String> keys, Path folder) {
    try (var phase = Phase.begin(spark, "write " + folder.getName())) {
      DeterministicParquet.write(rows, number, keys, settings.rowsPerFile(), folder);
    }
  }
}
