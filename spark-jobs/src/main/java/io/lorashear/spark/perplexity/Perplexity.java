package io.lorashear.spark.perplexity;

import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.LossReport.DocumentLoss;
import io.lorashear.corpus.LossReport.SourceLoss;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.TokenDeviation;
import io.lorashear.run.ContentHash;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.spark.shard.DeterministicParquet;
import io.lorashear.spark.store.HadoopStorage;
import io.lorashear.spark.store.LocalCopy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/** Scores a checkpoint over rows of a corpus and publishes a {@link LossReport}. */
public final class Perplexity {

  private static final long PIECES_PER_FILE = 100_000;

  private static final Comparator<PieceLoss> ORDER =
      Comparator.comparing(PieceLoss::source)
          .thenComparing(PieceLoss::sequence)
          .thenComparing(PieceLoss::place);

  private Perplexity() {}

  /**
   * Publishes the report, or finds it published.
   *
   * @throws InputException if the corpus or the checkpoint is missing or damaged, or they do not
   *     fit together
   */
  public static PublishedDirectory publish(
      SparkSession spark, PerplexitySettings settings, boolean overwrite) {
    var corpus = SequenceReader.open(settings.corpus());
    var hash = ContentHash.of(settings.checkpoint());
    requireFit(corpus, settings, LocalCopy.of(settings.checkpoint(), hash));
    return Stage.of("perplexity", settings.output(), settings, Perplexity.class)
        .parent("corpus", corpus.hash())
        .parent("checkpoint", hash)
        .overwrite(overwrite)
        .run(output -> report(spark, settings, corpus, hash, output.directory()).writeTo(output));
  }

  private static void requireFit(SequenceReader corpus, PerplexitySettings settings, Path files) {
    try (var checkpoint = Checkpoint.open(files)) {
      var manifest = corpus.manifest();
      var config = checkpoint.config();
      if (manifest.vocabulary() > config.vocabularySize()) {
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
    }
  }

  private static LossReport report(
      SparkSession spark,
      PerplexitySettings settings,
      SequenceReader corpus,
      String hash,
      Path output) {
    var scorer =
        new ExecutorScorer(
            settings.checkpoint().toAbsolutePath().toString(), hash, settings.device());
    var rows = DrawnRows.of(rows(spark, settings, corpus), settings);
    boolean tokens = settings.tokens();
    MapPartitionsFunction<Row, Row> score = part -> new BatchScoring(part, scorer, tokens);
    var scored = rows.mapPartitions(score, PieceLoss.ENCODER);
    var pieces = tokens ? kept(scored, output) : collected(scored);
    return new LossReport(
        hash,
        corpus.hash(),
        settings.split().folder(),
        settings.rows(),
        settings.seed(),
        sources(pieces),
        documents(pieces));
  }

  private static List<PieceLoss> collected(Dataset<Row> scored) {
    return scored.drop("ids", "losses").collectAsList().stream()
        .map(PieceLoss::of)
        .sorted(ORDER)
        .toList();
  }

  /** Scored once: writing reads the rows twice. */
  private static List<PieceLoss> kept(Dataset<Row> scored, Path output) {
    var held = scored.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      var folder = HadoopStorage.hadoop(output.resolve(TokenDeviation.FOLDER));
      DeterministicParquet.write(
          held.drop("tokens", "loss"),
          List.of(),
          List.of("sequence_id", "place"),
          PIECES_PER_FILE,
          folder);
      return collected(held);
    } finally {
      held.unpersist();
    }
  }

  private static Dataset<Row> rows(
      SparkSession spark, PerplexitySettings settings, SequenceReader corpus) {
    var files =
        corpus.verified(settings.split().folder()).stream()
            .map(file -> HadoopStorage.hadoop(file).toString());
    return spark
        .read()
        .option("basePath", HadoopStorage.hadoop(settings.corpus().resolve("sequences")).toString())
        .parquet(files.toArray(String[]::new));
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
          new DocumentLoss(piece.source(), piece.document(), piece.tokens(), piece.loss()),
          Perplexity::plus);
    }
    return List.copyOf(byDocument.values());
  }

  private static DocumentLoss plus(DocumentLoss a, DocumentLoss b) {
    return new DocumentLoss(a.source(), a.document(), a.tokens() + b.tokens(), a.loss() + b.loss());
  }
}
