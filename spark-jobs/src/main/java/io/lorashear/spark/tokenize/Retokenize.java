package io.lorashear.spark.tokenize;

import io.lorashear.InputException;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.Shard;
import io.lorashear.corpus.SourceCounts;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.Stage;
import io.lorashear.spark.progress.Phase;
import io.lorashear.spark.shard.ShardFolder;
import io.lorashear.spark.store.HadoopStorage;
import io.lorashear.tokenizer.Tokenizer;
import io.lorashear.tokenizer.VocabularyCut;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.SparkSession;

/**
 * Gives a corpus the ids of a smaller vocabulary, without its documents.
 *
 * <pre>
 *   rows → documents as ids → new ids → (source, split, shard), in order → rows of one length → Parquet
 * </pre>
 *
 * Sources, splits and shards stay, so that validation rows stay validation rows. The ids are those
 * of encoding the text anew ({@link io.lorashear.tokenizer.Recoding}), and the rows those of
 * tokenizing the same documents anew.
 */
public final class Retokenize {
  private final SparkSession spark;
  private final RetokenizeSettings settings;
  private final SequenceReader corpus;
  private final OldPieces.Separator separator;
  private final ShardFolder shards;
  private final TokenCounts counts = new TokenCounts();

  private Retokenize(SparkSession spark, RetokenizeSettings settings, Stage.Output output) {
    this.spark = spark;
    this.settings = settings;
    corpus = SequenceReader.open(settings.shards());
    separator = separator(settings);
    shards =
        new ShardFolder(
            spark,
            HadoopStorage.hadoop(output.directory().resolve("sequences")),
            HadoopStorage.hadoop(output.scratch().resolve("counts")));
  }

  /**
   * Publishes the corpus, or returns the published one.
   *
   * @throws InputException if an input is missing or damaged, or if they do not belong together
   */
  public static PublishedDirectory publish(
      SparkSession spark, RetokenizeSettings settings, boolean overwrite) {
    return ready(settings)
        .overwrite(overwrite)
        .run(
            output -> {
              try (var measured = Phase.measured(spark, output)) {
                write(spark, settings, output);
              }
            });
  }

  /** Writes the missing shards of the new corpus, and its manifest. */
  static void write(SparkSession spark, RetokenizeSettings settings, Stage.Output output)
      throws IOException {
    var retokenize = new Retokenize(spark, settings, output);
    retokenize.write().writeTo(output);
    output.manifest().put("inexact", retokenize.inexact());
  }

  /**
   * The stage, after checking all of its inputs; does not run it.
   *
   * @throws InputException with all inputs that are missing or do not fit
   */
  public static Stage ready(RetokenizeSettings settings) {
    Refusals.together(
        () -> SequenceReader.open(settings.shards()),
        () -> Tokenizer.shared(settings.from()),
        () -> Tokenizer.shared(settings.tokenizer()));
    var corpus = SequenceReader.open(settings.shards());
    var from = Tokenizer.shared(settings.from());
    if (!corpus.manifest().tokenizer().equals(from.sha256())) {
      throw new InputException(
          "%s was not made by %s (SHA-256 %s, not %s): give the tokenizer.json that made it",
          settings.shards(), from.file(), corpus.manifest().tokenizer(), from.sha256());
    }
    separator(settings);
    return Stage.of("tokenize", settings.output(), settings, Retokenize.class)
        .parent("shards", corpus.hash())
        .parent("from", from.sha256())
        .parent("tokenizer", Tokenizer.shared(settings.tokenizer()).sha256())
        .resumes();
  }

  private static OldPieces.Separator separator(RetokenizeSettings settings) {
    var set = PublishedDirectory.open(settings.shards()).manifest().path("settings");
    int old =
        set.path("separator").isInt()
            ? set.path("separator").intValue()
            : Tokenizer.shared(settings.from()).endOfText();
    var cut = VocabularyCut.between(settings.from(), settings.tokenizer());
    if (!cut.keeps(old)) {
      throw new InputException(
          "%s ends documents by the token %d, which %s does not have: keep it",
          settings.shards(), old, settings.tokenizer());
    }
    return new OldPieces.Separator(old, cut.newIds()[old]);
  }

  private CorpusManifest write() throws IOException {
    var finished = shards.finished();
    finished.values().forEach(counts::add);
    var files = new TreeSet<>(ShardFolder.ORDER);
    files.addAll(finished.keySet());
    var left =
        corpus.manifest().shards().stream()
            .filter(shard -> !finished.containsKey(name(shard)))
            .toList();
    if (!left.isEmpty()) {
      write(left, files);
    }
    return manifest(PublishedShards.read(spark, shards.directory(), files, 0));
  }

  private static String name(Shard shard) {
    return shard.path().substring("sequences/".length());
  }

  private void write(List<Shard> left, TreeSet<String> files) throws IOException {
    long tokens = left.stream().mapToLong(Shard::tokens).sum();
    try (var phase = Phase.begin(spark, "retokenize", tokens, "tokens")) {
      var paths = corpus.files(left).stream().map(file -> HadoopStorage.hadoop(file).toString());
      var rows = spark.read().parquet(paths.toArray(String[]::new));
      var recoding = ExecutorRecoding.of(spark, settings.from(), settings.tokenizer());
      var pieces = OldPieces.of(rows, recoding, separator, left.size(), phase.tally());
      var rules = new PackingRules(length(), separator.now(), settings.tail(), settings.examples());
      var ordered = Tokenize.inOrder(pieces, left.size());
      var packed = ShardPacker.of(ordered, rules, phase.tally());
      for (var shard : shards.write(packed, ShardPlan.FOLDERS)) {
        counts.add(shard.note());
        if (shard.rows() > 0) {
          files.add(shard.name());
        }
      }
    }
  }

  private long inexact() {
    return corpus.manifest().sourceNames().stream()
        .mapToLong(source -> counts.of(source, ShardPacker.INEXACT))
        .sum();
  }

  private int length() {
    return settings.sequenceLength().orElse(corpus.manifest().sequenceLength());
  }

  /** Documents and drops of before stay counted, in the tokens of before. */
  private CorpusManifest manifest(PublishedShards published) {
    var sources = new ArrayList<SourceCounts>();
    for (var old : corpus.manifest().sources()) {
      var dropped = new TreeMap<>(old.dropped());
      counts.dropped(old.name()).forEach((why, lost) -> dropped.merge(why, lost, Long::sum));
      long before = old.dropped().values().stream().mapToLong(Long::longValue).sum();
      sources.add(
          new SourceCounts(
              old.name(),
              old.licence(),
              old.documents(),
              counts.of(old.name(), ShardPacker.TOKENS) + before,
              published.splits(old.name()),
              dropped));
    }
    var tokenizer = Tokenizer.shared(settings.tokenizer());
    return new CorpusManifest(
        tokenizer.sha256(), tokenizer.size(), length(), sources, published.shards(), List.of());
  }
}
