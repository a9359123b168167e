package io.lorashear.vocabulary;

import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.Shard;
import io.lorashear.corpus.SourceCounts;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.run.Stage;
import io.lorashear.tokenizer.BytePairTrainer;
import io.lorashear.tokenizer.Tokenizer;
import io.lorashear.train.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A model of a few thousand random weights with a byte-pair tokenizer, and a corpus of its own ids
 * in which long words are rare. The corpus is written by DuckDB's SQL.
 */
public final class TextModel {
  /** Ids in each row. */
  public static final int LENGTH = 16;

  private static final int ROWS = 40;
  private static final List<String> FREQUENT = List.of("the", "sun", "and", "sea", "is", "blue");
  private static final List<String> RARE =
      List.of("lighthouse", "barometer", "quicksilver", "thunderstorm", "watchtower");

  private record NoSettings() {}

  private TextModel() {}

  /** A model in {@code folder}/dense and its corpus in {@code folder}/corpus. */
  public static void write(Path folder, boolean tied, int padding) throws IOException {
    var trainer = new BytePairTrainer();
    FREQUENT.forEach(word -> trainer.add(" " + word, 50));
    RARE.forEach(word -> trainer.add(" " + word, 3));
    var home = Files.createDirectories(folder.resolve("tokenizer"));
    var file = Files.writeString(home.resolve("tokenizer.json"), trainer.train(400).json());
    var generation = JsonFile.object().put("eos_token_id", 0).put("do_sample", false);
    generation.putArray("suppress_tokens").add(300).add(-1);
    JsonFile.write(home.resolve("generation_config.json"), generation);
    try (var tokenizer = Tokenizer.open(file)) {
      var fields = TinyModel.config(tokenizer.size() + padding).fields().deepCopy();
      fields.put("tie_word_embeddings", tied).put("eos_token_id", 0).put("bos_token_id", 0);
      fields.put("pad_token_id", -1);
      var config = ModelConfig.parse(fields, "dense");
      var weights = TinyModel.weights(Family.of(config).trace(config), 1);
      CheckpointWriter.write(
          folder.resolve("dense"),
          config,
          weights,
          List.of(file, home.resolve("generation_config.json")));
      corpus(folder.resolve("corpus"), tokenizer);
    }
  }

  /** A text of {@code words} words, of which one of 50 is rare. */
  public static String text(Random random, int words) {
    return random
        .ints(words, 0, 50)
        .mapToObj(n -> n == 0 ? any(RARE, random) : any(FREQUENT, random))
        .map(word -> " " + word)
        .collect(Collectors.joining());
  }

  private static String any(List<String> words, Random random) {
    return words.get(random.nextInt(words.size()));
  }

  private static void corpus(Path folder, Tokenizer tokenizer) {
    Stage.of("tokenize", folder, new NoSettings(), TextModel.class)
        .run(
            output -> {
              var shards = new ArrayList<Shard>();
              for (var source : List.of("alpaca", "wikipedia")) {
                for (var split : List.of(Sequence.TRAIN, Sequence.VALIDATION)) {
                  shards.add(shard(output.directory(), source, split, tokenizer));
                }
              }
              manifest(tokenizer, shards).writeTo(output);
            });
  }

  private static CorpusManifest manifest(Tokenizer tokenizer, List<Shard> shards) {
    var counts = new TreeMap<String, SourceCounts.SplitCounts>();
    for (var split : List.of(Sequence.TRAIN, Sequence.VALIDATION)) {
      counts.put(split, new SourceCounts.SplitCounts(ROWS, ROWS * LENGTH, ROWS * LENGTH));
    }
    var sources =
        List.of("alpaca", "wikipedia").stream()
            .map(name -> new SourceCounts(name, "made up", 80, 1, counts, new TreeMap<>()))
            .toList();
    return new CorpusManifest(
        tokenizer.sha256(), tokenizer.size(), LENGTH, sources, shards, List.of());
  }

  private static Shard shard(Path folder, String source, String split, Tokenizer tokenizer)
      throws IOException {
    var path = "sequences/source=%s/split=%s/part-00000.parquet".formatted(source, split);
    var file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    var random = new Random((source + split).hashCode());
    var rows = new ArrayList<String>();
    for (int row = 0; row < ROWS; row++) {
      int[] ids = Arrays.copyOf(tokenizer.encode(text(random, LENGTH)), LENGTH);
      rows.add("('%s/%s/00000/%07d', %s)".formatted(source, split, row, Arrays.toString(ids)));
    }
    var mask = Arrays.toString(new byte[LENGTH]).replace('0', '1');
    var query =
        "select id as sequence_id, ids::integer[] as input_ids, %s::tinyint[] as loss_mask, "
            + "%d::integer as tokens, [id] as document_ids, [0]::integer[] as document_starts"
            + " from (values %s) as t(id, ids) order by id";
    var sql = query.formatted(mask, LENGTH, String.join(", ", rows));
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var statement = connection.createStatement()) {
      statement.execute("copy (" + sql + ") to '" + file + "' (format parquet)");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return new Shard(path, source, split, ROWS, (long) ROWS * LENGTH, 0);
  }
}
