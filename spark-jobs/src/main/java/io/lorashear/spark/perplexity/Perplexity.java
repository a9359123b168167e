package io.lorashear.spark.perplexity;

import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.LossReport.DocumentLoss;
import io.lorashear.corpus.LossReport.SourceLoss;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.corpus.TeacherManifest;
import io.lorashear.corpus.TokenDeviation;
import io.lorashear.run.ContentHash;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.Sha256;
import io.lorashear.run.Stage;
import io.lorashear.spark.engine.Interpreted;
import io.lorashear.spark.engine.RowPredictor;
import io.lorashear.spark.perplexity.PieceLoss.Counted;
import io.lorashear.spark.progress.Phase;
import io.lorashear.spark.progress.Tally;
import io.lorashear.spark.shard.DeterministicParquet;
import io.lorashear.spark.shard.ShardFolder;
import io.lorashear.spark.store.HadoopStorage;
import io.lorashear.vocabulary.VocabularyMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;

/**
 * Scores a checkpoint over rows of a corpus and publishes a {@link LossReport}, together with a
 * teacher if the likeliest tokens are kept.
 */
public final class Perplexity {

  private static final long PIECES_PER_FILE = 100_000;

  private static final Comparator<PieceLoss> ORDER =
      Comparator.comparing(PieceLoss::source)
          .thenComparing(PieceLoss::sequence)
          .thenComparing(PieceLoss::place);

  private final SparkSession spark;
  private final PerplexitySettings settings;
  private final SequenceReader corpus;
  private final @Nullable SubsetManifest subset;
  private final String checkpoint;
  private final ExecutorScorer scorer;
  private final Stage.Output output;

  private Perplexity(
      SparkSession spark, PerplexitySettings settings, Opened opened, Stage.Output output) {
    this.spark = spark;
    this.settings = settings;
    this.corpus = opened.corpus;
    this.checkpoint = opened.checkpoint;
    this.subset = settings.subset().map(path -> subset(path, corpus)).orElse(null);
    this.scorer =
        new ExecutorScorer(
            settings.checkpoint().toAbsolutePath().toString(),
            checkpoint,
            settings.device(),
            settings.precision(),
            opened.map,
            ExecutorRuns.of(spark));
    this.output = output;
  }

  private static SubsetManifest subset(Path path, SequenceReader corpus) {
    var subset = SubsetManifest.read(path);
    if (!subset.corpus().equals(corpus.hash())) {
      throw new InputException(
          "%s was drawn from another corpus than that to be scored: draw it again from this one",
          path);
    }
    return subset;
  }

  /**
   * Publishes the report, or returns the published one.
   *
   * @throws InputException if the corpus or the checkpoint is missing or damaged, or they do not
   *     fit together
   */
  @SuppressWarnings("try") // closed at the end, not used before
  public static PublishedDirectory publish(
      SparkSession spark, PerplexitySettings settings, boolean overwrite) {
    var opened = Opened.of(settings);
    return opened
        .stage(settings)
        .overwrite(overwrite)
        .run(
            output -> {
              try (var little = Interpreted.where(spark, opened.corpus.manifest());
                  var measured = Phase.measured(spark, output)) {
                new Perplexity(little.spark(), settings, opened, output).report().writeTo(output);
              }
            });
  }

  /**
   * The stage, after checking all of its inputs; does not run it.
   *
   * @throws InputException with all inputs that are missing or do not fit
   */
  public static Stage ready(PerplexitySettings settings) {
    return Opened.of(settings).stage(settings);
  }

  /**
   * The opened inputs.
   *
   * @param checkpoint hash of the checkpoint
   * @param map whether the corpus has the ids from before the model lost tokens
   */
  private record Opened(SequenceReader corpus, String checkpoint, boolean map) {
    static Opened of(PerplexitySettings settings) {
      var hash = new AtomicReference<String>();
      Refusals.together(
          () -> SequenceReader.open(settings.corpus()),
          () -> hash.set(ContentHash.of(settings.checkpoint())),
          () -> settings.subset().ifPresent(SubsetManifest::read));
      var corpus = SequenceReader.open(settings.corpus());
      var checkpoint = Objects.requireNonNull(hash.get());
      boolean map = requireFit(corpus, settings);
      settings.subset().ifPresent(path -> subset(path, corpus));
      return new Opened(corpus, checkpoint, map);
    }

    Stage stage(PerplexitySettings settings) {
      var stage =
          Stage.of("perplexity", settings.output(), settings, Perplexity.class)
              .parent("corpus", corpus.hash())
              .parent("checkpoint", checkpoint);
      settings.subset().ifPresent(path -> stage.parent("subset", ContentHash.of(path)));
      return stage.resumes();
    }
  }

  /** Whether the corpus has the ids from before the model lost tokens. */
  private static boolean requireFit(SequenceReader corpus, PerplexitySettings settings) {
    try (var checkpoint = Checkpoint.open(settings.checkpoint())) {
      var manifest = corpus.manifest();
      var config = checkpoint.config();
      boolean map = VocabularyMap.between(settings.corpus(), manifest, checkpoint).isPresent();
      if (map) {
        requireOwnIds(settings);
      }
      if (!map
          && manifest.vocabulary() > config.vocabularySize()
          && !manifest.tokenizer().equals(tokenizerHash(checkpoint))) {
        throw new InputException(
            "%s was tokenized with ids up to %d, but %s has %d embedding rows: tokenize with the"
                + " tokenizer that came with the model",
            settings.corpus(),
            manifest.vocabulary() - 1,
            settings.checkpoint(),
            config.vocabularySize());
      }
      if (manifest.sequenceLength() > config.maximumPositions()) {
        throw new InputException(
            "%s has rows of %d ids, but %s reads %d at most: tokenize with a smaller"
                + " sequenceLength",
            settings.corpus(),
            manifest.sequenceLength(),
            settings.checkpoint(),
            config.maximumPositions());
      }
      for (var source : settings.sources()) {
        if (manifest.shards(source, settings.split().folder()).isEmpty()) {
          throw new InputException(
              "sources names %s, but %s has no %s rows of it: its sources are %s",
              source,
              settings.corpus(),
              settings.split().folder(),
              String.join(", ", manifest.sourceNames()));
        }
      }
      if (settings.keepTop() > config.vocabularySize()) {
        throw new InputException(
            "keepTop is %d, but %s has %d tokens: keep fewer",
            settings.keepTop(), settings.checkpoint(), config.vocabularySize());
      }
      return map;
    }
  }

  /** Refuses what cannot be had in ids that the model does not read. */
  private static void requireOwnIds(PerplexitySettings settings) {
    if (settings.keepTop() > 0 || settings.engine().find(RowPredictor.class).isPresent()) {
      throw new InputException(
          "%s has the ids from before %s lost tokens: set keepTop to 0 and leave engine out, or"
              + " tokenize the corpus with the model's own tokenizer",
          settings.corpus(), settings.checkpoint());
    }
  }

  /** Hash of the model's own tokenizer, whose added tokens may exceed the rows of the embedding. */
  private static String tokenizerHash(Checkpoint checkpoint) {
    return checkpoint.hasTokenizer() ? Sha256.of(checkpoint.tokenizer()) : "";
  }

  private LossReport report() throws IOException {
    var pieces = new ArrayList<>(losses());
    scorer.runs().settle();
    pieces.sort(ORDER);
    return new LossReport(
        checkpoint,
        corpus.hash(),
        scoredRows(),
        subset == null ? settings.rows() : subset.drawn().size(),
        subset == null ? settings.seed() : 0,
        sources(pieces),
        documents(pieces));
  }

  private List<PieceLoss> losses() throws IOException {
    try (var phase = Phase.begin(spark, "score")) {
      return settings.keepTop() > 0 ? taught() : scored(phase.tally());
    }
  }

  private String scoredRows() {
    var rows =
        subset == null
            ? settings.split().folder()
            : "subset " + ContentHash.of(settings.subset().orElseThrow());
    var apart = settings.isolateDocuments() ? rows + ", documents apart" : rows;
    return settings.responses() ? apart + ", responses alone" : apart;
  }

  private List<PieceLoss> scored(Tally tally) {
    var counted = Counted.of(settings);
    boolean tokens = settings.tokens();
    var model = scorer;
    MapPartitionsFunction<Row, Row> score =
        part -> new BatchScoring(part, batch -> losses(batch, model, counted, tokens, tally));
    var given = GivenLosses.of(settings, output.scratch());
    var scored =
        given
            .map(engine -> engine.of(rows(1), counted, tokens))
            .orElseGet(() -> rows(1).mapPartitions(score, PieceLoss.ENCODER));
    return tokens ? kept(scored, output.directory()) : collected(scored);
  }

  private static List<Row> losses(
      List<ScoredRow> batch, ExecutorScorer scorer, Counted counted, boolean tokens, Tally tally) {
    var ids = batch.stream().map(ScoredRow::ids).toList();
    double[][] losses =
        counted.apart()
            ? scorer.packedTokenLosses(ids, batch.stream().map(ScoredRow::begins).toList())
            : scorer.tokenLosses(ids);
    var rows = new ArrayList<Row>();
    for (int i = 0; i < losses.length; i++) {
      tally.record(ids.get(i).length);
      for (var piece : PieceLoss.of(batch.get(i), losses[i], counted, tokens)) {
        rows.add(piece.row());
      }
    }
    return rows;
  }

  private List<PieceLoss> taught() throws IOException {
    var folder =
        new ShardFolder(
            spark,
            HadoopStorage.hadoop(output.directory().resolve(TeacherManifest.FOLDER)),
            HadoopStorage.hadoop(output.scratch().resolve("losses")));
    var pieces = TeacherShards.write(rows(TeacherShards.BATCHES), scorer, settings, folder);
    new TeacherManifest(
            corpus.hash(),
            corpus.manifest().tokenizer(),
            settings.keepTop(),
            settings.isolateDocuments(),
            pieces.stream().map(PieceLoss::sequence).distinct().count(),
            folder.finished().keySet().stream()
                .map(name -> TeacherManifest.FOLDER + "/" + name)
                .toList())
        .writeTo(output);
    return pieces;
  }

  private static List<PieceLoss> collected(Dataset<Row> scored) {
    return scored.drop("ids", "losses").collectAsList().stream().map(PieceLoss::of).toList();
  }

  /** The losses in memory, so that rows are scored once although writing reads them twice. */
  private static List<PieceLoss> kept(Dataset<Row> scored, Path output) {
    var held = scored.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      var folder = HadoopStorage.hadoop(output.resolve(TokenDeviation.FOLDER));
      DeterministicParquet.write(
          held.drop("tokens", "loss", "every_second", "second_loss"),
          List.of(),
          List.of("sequence_id", "place"),
          PIECES_PER_FILE,
          folder);
      return collected(held);
    } finally {
      held.unpersist();
    }
  }

  /** The rows to score, with {@code together} batches per partition. */
  private Dataset<Row> rows(int together) {
    var files =
        subset == null ? corpus.verified(settings.split().folder()) : corpus.verified(subset);
    var rows =
        spark
            .read()
            .option(
                "basePath", HadoopStorage.hadoop(settings.corpus().resolve("sequences")).toString())
            .parquet(
                files.stream()
                    .map(file -> HadoopStorage.hadoop(file).toString())
                    .toArray(String[]::new));
    return DrawnRows.of(rows, settings, subset, together);
  }

  /** Sums in the order of the rows: floating-point sums depend on it. */
  private static List<SourceLoss> sources(List<PieceLoss> pieces) {
    var bySource = new TreeMap<String, List<PieceLoss>>();
    pieces.forEach(
        piece -> bySource.computeIfAbsent(piece.source(), name -> new ArrayList<>()).add(piece));
    List<SourceLoss> sources = new ArrayList<>();
    for (Map.Entry<String, List<PieceLoss>> source : bySource.entrySet()) {
      var sequences = new HashSet<String>();
      long tokens = 0;
      double loss = 0;
      for (PieceLoss piece : source.getValue()) {
        sequences.add(piece.sequence());
        tokens += piece.tokens();
        loss += piece.loss();
      }
      if (tokens > 0) {
        sources.add(new SourceLoss(source.getKey(), sequences.size(), tokens, loss));
      }
    }
    return sources;
  }

  private static List<DocumentLoss> documents(List<PieceLoss> pieces) {
    record Key(String source, String document) {}
    var byDocument =
        new TreeMap<Key, DocumentLoss>(
            Comparator.comparing(Key::source).thenComparing(Key::document));
    for (PieceLoss piece : pieces) {
      byDocument.merge(
          new Key(piece.source(), piece.document()),
          new DocumentLoss(
              piece.source(),
              piece.document(),
              piece.tokens(),
              piece.loss(),
              piece.everySecond(),
              piece.secondLoss()),
          Perplexity::plus);
    }
    return List.copyOf(byDocument.values());
  }

  private static DocumentLoss plus(DocumentLoss a, DocumentLoss b) {
    return new DocumentLoss(
        a.source(),
        a.document(),
        a.tokens() + b.tokens(),
        a.loss() + b.loss(),
        a.everySecond() + b.everySecond(),
        a.secondLoss() + b.secondLoss());
  }
}
