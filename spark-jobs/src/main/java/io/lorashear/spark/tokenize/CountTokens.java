package io.lorashear.spark.tokenize;

import io.lorashear.InputException;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.TokenFrequencies;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.Stage;
import io.lorashear.spark.progress.Phase;
import io.lorashear.spark.progress.Tally;
import io.lorashear.spark.store.HadoopStorage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Counts every token in the training rows of corpora, by source.
 *
 * <pre>
 *   rows → (source, counts by id) of each task → sums
 * </pre>
 *
 * Sums of whole numbers are the same however rows are distributed over tasks.
 */
public final class CountTokens {
  private static final StructType COUNTED =
      new StructType()
          .add("source", DataTypes.StringType, false)
          .add("counts", DataTypes.createArrayType(DataTypes.LongType, false), false);

  private CountTokens() {}

  /**
   * Publishes the counts, or returns the published ones.
   *
   * @throws InputException if a corpus is missing or damaged, or they have several tokenizers
   */
  public static PublishedDirectory publish(
      SparkSession spark, CountTokensSettings settings, boolean overwrite) {
    return ready(settings)
        .overwrite(overwrite)
        .run(
            output -> {
              try (var measured = Phase.measured(spark, output)) {
                settings.corpora().stream()
                    .map(folder -> counted(spark, SequenceReader.open(folder)))
                    .reduce(TokenFrequencies::plus)
                    .orElseThrow()
                    .writeTo(output);
              }
            });
  }

  /**
   * The stage, after checking all of its inputs; does not run it.
   *
   * @throws InputException with all corpora that are missing or damaged
   */
  public static Stage ready(CountTokensSettings settings) {
    Refusals.together(
        settings.corpora().stream()
            .map(folder -> (Runnable) () -> SequenceReader.open(folder))
            .toArray(Runnable[]::new));
    var stage = Stage.of("count", settings.output(), settings, CountTokens.class);
    for (int i = 0; i < settings.corpora().size(); i++) {
      stage.parent(
          "corpus %04d".formatted(i), SequenceReader.open(settings.corpora().get(i)).hash());
    }
    settings.corpora().stream()
        .map(folder -> SequenceReader.open(folder).manifest().tokenizer())
        .map(tokenizer -> new TokenFrequencies(tokenizer, new TreeMap<>()))
        .reduce(TokenFrequencies::plus)
        .ifPresent(same -> stage.parent("tokenizer", same.tokenizer()));
    return stage;
  }

  private static TokenFrequencies counted(SparkSession spark, SequenceReader corpus) {
    var manifest = corpus.manifest();
    int vocabulary = manifest.vocabulary();
    var counts = new TreeMap<String, long[]>();
    manifest.sourceNames().forEach(source -> counts.put(source, new long[vocabulary]));
    var files =
        corpus.verified(Sequence.TRAIN).stream().map(file -> HadoopStorage.hadoop(file).toString());
    long tokens =
        manifest.shards().stream()
            .filter(shard -> shard.split().equals(Sequence.TRAIN))
            .mapToLong(shard -> shard.tokens())
            .sum();
    try (var phase = Phase.begin(spark, "count the tokens", tokens, "tokens")) {
      var tally = phase.tally();
      MapPartitionsFunction<Row, Row> count = rows -> counted(rows, vocabulary, tally).iterator();
      var parts =
          spark
              .read()
              .parquet(files.toArray(String[]::new))
              .select("sequence_id", "input_ids", "tokens")
              .mapPartitions(count, Encoders.row(COUNTED))
              .toLocalIterator();
      while (parts.hasNext()) {
        var part = parts.next();
        var sum = counts.computeIfAbsent(part.getString(0), source -> new long[vocabulary]);
        var more = part.<Long>getList(1);
        Arrays.setAll(sum, id -> sum[id] + more.get(id));
      }
    }
    return new TokenFrequencies(manifest.tokenizer(), counts);
  }

  private static List<Row> counted(java.util.Iterator<Row> rows, int vocabulary, Tally tally) {
    var counts = new HashMap<String, long[]>();
    while (rows.hasNext()) {
      var row = rows.next();
      var source = row.getString(0).replaceFirst("/[^/]+/[0-9]+/[0-9]+$", "");
      var ofSource = counts.computeIfAbsent(source, name -> new long[vocabulary]);
      var ids = row.<Integer>getList(1);
      int tokens = row.getInt(2);
      for (int id : ids.subList(0, tokens)) {
        ofSource[id]++;
      }
      tally.record(tokens);
    }
    var parts = new ArrayList<Row>();
    counts.forEach((source, ofSource) -> parts.add(RowFactory.create(source, ofSource)));
    return parts;
  }
}
