package io.lorashear.corpus;

import io.lorashear.fetch.FilePass;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One reading of some shards, in batches of local files; must be closed. */
final class ShardPass implements AutoCloseable {
  private final List<Shard> shards;
  private final FilePass files;
  private final Map<String, Shard> opened = new HashMap<>();

  ShardPass(List<Shard> shards, FilePass files) {
    this.shards = List.copyOf(shards);
    this.files = files;
  }

  List<Shard> shards() {
    return shards;
  }

  /** Whether one batch has all shards. */
  boolean isWhole() {
    return files.batches() <= 1;
  }

  boolean hasNext() {
    return files.hasNext();
  }

  /** The next batch as a table of DuckDB; its column {@code filename} is for {@link #shard}. */
  String nextTable() {
    int first = opened.size();
    var batch = files.next();
    for (int i = 0; i < batch.size(); i++) {
      opened.put(batch.get(i).toString(), shards.get(first + i));
    }
    return table(batch, "filename = true, ");
  }

  /** Files as a table of DuckDB. */
  static String table(List<Path> files, String options) {
    return files.stream()
        .map(file -> "'" + file.toString().replace("'", "''") + "'")
        .collect(
            Collectors.joining(
                ", ", "read_parquet([", "], " + options + "hive_partitioning = false)"));
  }

  /** The shard that a file of a batch holds. */
  Shard shard(String file) {
    var shard = opened.get(file);
    if (shard == null) {
      throw new IllegalStateException(file + " was not asked for");
    }
    return shard;
  }

  @Override
  public void close() {
    files.close();
  }
}
