package io.lorashear.corpus;

import io.lorashear.run.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * A corpus whose every number follows from its place: row r of shard s of a source holds the ids
 * 100 s + r, 100 s + r + 1, … It is written by DuckDB's own SQL, not by the code under test.
 */
public final class SmallCorpus {

  private static final int LENGTH = 4;

  private record NoSettings() {}

  private final Path folder;
  private final List<Shard> shards = new ArrayList<>();

  private SmallCorpus(Path folder) {
    this.folder = folder;
  }

  /** Sources wikipedia and alpaca, two train shards of ten rows each, one validation shard. */
  public static Path write(Path folder) throws IOException {
    Stage.of("tokenize", folder, new NoSettings(), SmallCorpus.class)
        .run(
            output -> {
              var corpus = new SmallCorpus(output.directory());
              corpus.shards();
              corpus.manifest().writeTo(output);
            });
    return folder;
  }

  private void shards() throws IOException {
    for (String source : List.of("alpaca", "wikipedia")) {
      shard(source, Sequence.TRAIN, 0);
      shard(source, Sequence.TRAIN, 1);
      shard(source, Sequence.VALIDATION, 2);
    }
  }

  private CorpusManifest manifest() {
    var counts = new TreeMap<String, SourceCounts.SplitCounts>();
    counts.put(Sequence.TRAIN, new SourceCounts.SplitCounts(20, 80, 60));
    counts.put(Sequence.VALIDATION, new SourceCounts.SplitCounts(10, 40, 30));
    var dropped = new TreeMap<String, Long>();
    dropped.put("tail", 3L);
    var sources =
        List.of("alpaca", "wikipedia").stream()
            .map(name -> new SourceCounts(name, "made up", 30, 123, counts, dropped))
            .toList();
    return new CorpusManifest("tokenizer", 1000, LENGTH, sources, shards, List.of());
  }

  private void shard(String source, String split, int number) throws IOException {
    var path = "sequences/source=%s/split=%s/part-%05d.parquet".formatted(source, split, number);
    var file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    write(file, source, split, number);
    shards.add(new Shard(path, source, split, 10, 30, 0));
  }

  private static void write(Path file, String source, String split, int number) {
    var rows =
        """
        select '%s/%s/%05d/' || lpad(r::varchar, 7, '0') as sequence_id,
          [%4$d + r, %4$d + r + 1, %4$d + r + 2, 0]::integer[] as input_ids,
          [1, 1, 1, 0]::tinyint[] as loss_mask, 3::integer as tokens,
          ['a#' || r, 'b'] as document_ids, [0, 2]::integer[] as document_starts
        from range(10) as t(r)
        """
            .formatted(source, split, number, 100 * number);
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var statement = connection.createStatement()) {
      statement.execute("copy (" + rows + ") to '" + file + "' (format parquet)");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
