package io.lorashear.spark.tokenize;

import io.lorashear.InputException;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.Shard;
import io.lorashear.corpus.SourceCounts;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.Stage;
import io.lorashear.spark.engine.Interpreted;
import io.lorashear.spark.ingest.PublishedDocuments;
import io.lorashear.spark.progress.Phase;
import io.lorashear.spark.shard.ShardFolder;
import io.lorashear.spark.shard.WrittenShard;
import io.lorashear.spark.store.HadoopStorage;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Turns documents into sequences.
 *
 * <pre>
 *   documents → passages → without what validation has → ids → (source, split, shard), in order → rows of one length → Parquet
 * </pre>
 *
 * Every step depends only on the text, never on how Spark distributed it over tasks.
 */
public final class Tokenize {

  private static final long PARTITIONS_A_SHARD = 4;
  private static final long MOST_PARTITIONS = 10_000;

  private final SparkSession spark;
  private final TokenizeSettings settings;
  private final Tokenizer tokenizer;
  private final int separator;
  private final TokenCounts counts = new TokenCounts();
  private final ShardFolder shards;
  private final Optional<GrownCorpus> before;

  private Tokenize(
      SparkSession spark,
      TokenizeSettings settings,
      Tokenizer tokenizer,
      Optional<GrownCorpus> before,
      Stage.Output output) {
    this.spark = spark;
    this.settings = settings;
    this.tokenizer = tokenizer;
    this.before = before;
    this.separator = separator(settings, tokenizer);
    this.shards =
        new ShardFolder(
            spark,
            HadoopStorage.hadoop(output.directory().resolve("sequences")),
            HadoopStorage.hadoop(output.scratch().resolve("counts")));
  }

  /**
   * Publishes a corpus, or returns the published one.
   *
   * @throws InputException if the documents or the tokenizer are missing or damaged, a source is
   *     too small to be split, or the tokenizer has no such separator
   */
  public static PublishedDirectory publish(
      SparkSession spark, TokenizeSettings settings, boolean overwrite) {
    var stage = ready(settings).overwrite(overwrite);
    var documents = PublishedDocuments.open(settings.documents());
    return stage.run(
        output -> {
          try (var measured = Phase.measured(spark, output)) {
            write(documents.rows(spark), documents.licences(), settings, output).writeTo(output);
          }
        });
  }

  /**
   * The stage, after checking all of its inputs; does not run it.
   *
   * @throws InputException with all inputs that are missing or do not fit
   */
  public static Stage ready(TokenizeSettings settings) {
    Refusals.together(
        () -> PublishedDocuments.open(settings.documents()),
        () -> Tokenizer.shared(settings.tokenizer()));
    var tokenizer = Tokenizer.shared(settings.tokenizer());
    separator(settings, tokenizer);
    var documents = PublishedDocuments.open(settings.documents());
    var stage =
        Stage.of("tokenize", settings.output(), settings, Tokenize.class)
            .parent("documents", documents.folder().hash())
            .parent("tokenizer", tokenizer.sha256());
    GrownCorpus.of(settings, tokenizer.sha256()).ifPresent(known -> known.parentsOf(stage));
    return stage.resumes();
  }

  private static int separator(TokenizeSettings settings, Tokenizer tokenizer) {
    int separator = settings.separator().orElseGet(tokenizer::endOfText);
    if (separator < 0 || separator >= tokenizer.size()) {
      throw new InputException(
          "separator is %d, but the ids of %s go from 0 to %d: name one of them",
          separator, tokenizer.file(), tokenizer.size() - 1);
    }
    return separator;
  }

  /**
   * Writes the missing shards of a corpus, and returns the manifest of all of them.
   *
   * @param documents columns source, id, text and response (empty if there is none)
   * @param licences licence note of each source
   * @throws InputException if there is no document, a source too small to be split, or the
   *     tokenizer has no such separator
   */
  static CorpusManifest write(
      Dataset<Row> documents,
      Map<String, String> licences,
      TokenizeSettings settings,
      Stage.Output output)
      throws IOException {
    var tokenizer = Tokenizer.shared(settings.tokenizer());
    var before = GrownCorpus.of(settings, tokenizer.sha256());
    var tokenize = new Tokenize(documents.sparkSession(), settings, tokenizer, before, output);
    var plan = tokenize.plan(documents);
    try (var interpreted = Interpreted.where(documents.sparkSession(), plan.characters())) {
      var manifest = tokenize.manifest(plan, tokenize.published(documents, plan), licences);
      return before.isPresent() ? before.get().grown(manifest, output.directory()) : manifest;
    }
  }

  private List<Shard> known() {
    return before.map(corpus -> corpus.manifest().shards()).orElse(List.of());
  }

  private ShardPlan plan(Dataset<Row> documents) {
    try (var phase = Phase.begin(spark, "measure the sources")) {
      return ShardPlan.of(documents, settings, known());
    }
  }

  private PublishedShards published(Dataset<Row> documents, ShardPlan plan) throws IOException {
    var passages = Passage.of(documents, settings.passageCharacters());
    if (settings.validation().exclude() == 0) {
      return shards(passages, plan);
    }
    var earlier = before.map(known -> known.passages(spark, settings.passageCharacters()));
    try (var overlap =
        ValidationOverlap.of(documents, earlier, plan, settings, ValidationOverlap.SENT)) {
      return shards(overlap.without(passages), plan);
    }
  }

  private PublishedShards shards(Dataset<Row> passages, ShardPlan plan) throws IOException {
    var finished = shards.finished();
    finished.values().forEach(counts::add);
    var left = plan.without(passages, finished.keySet());
    var files = new TreeSet<>(ShardFolder.ORDER);
    files.addAll(finished.keySet());
    for (var shard : written(left, plan)) {
      counts.add(shard.note());
      if (shard.rows() > 0) {
        files.add(shard.name());
      }
    }
    return PublishedShards.read(spark, shards.directory(), files, generation());
  }

  private int generation() {
    return before.map(GrownCorpus::generation).orElse(0);
  }

  private List<WrittenShard> written(Dataset<Row> passages, ShardPlan plan) throws IOException {
    try (var phase = Phase.begin(spark, "tokenize", plan.characters(), "characters")) {
      var executors = ExecutorTokenizer.of(spark, tokenizer);
      var given = GivenIds.of(spark, settings, tokenizer);
      var pieces = Tokens.of(passages, executors, given, separator, plan, phase.tally());
      var rules = PackingRules.of(settings, separator);
      var ordered = inOrder(pieces, plan.shards());
      return shards.write(ShardPacker.of(ordered, rules, phase.tally()), ShardPlan.FOLDERS);
    }
  }

  /**
   * The pieces in order, with several partitions per shard, so that few shards share a partition
   * and wait for each other.
   */
  static Dataset<Row> inOrder(Dataset<Row> pieces, long shards) {
    var shard = new Column[] {pieces.col("source"), pieces.col("split"), pieces.col("shard")};
    return pieces
        .repartition((int) Math.min(PARTITIONS_A_SHARD * shards, MOST_PARTITIONS), shard)
        .sortWithinPartitions("source", "split", "shard", "order", "document", "number");
  }

  private CorpusManifest manifest(
      ShardPlan plan, PublishedShards published, Map<String, String> licences) {
    var sources = new ArrayList<SourceCounts>();
    for (String source : plan.sources().keySet()) {
      sources.add(
          new SourceCounts(
              source,
              licences.getOrDefault(source, "unknown"),
              counts.of(source, ShardPacker.DOCUMENTS),
              counts.of(source, ShardPacker.TOKENS),
              published.splits(source),
              counts.dropped(source)));
    }
    return new CorpusManifest(
        tokenizer.sha256(),
        tokenizer.size(),
        settings.sequenceLength(),
        sources,
        published.shards(),
        List.of());
  }
}
