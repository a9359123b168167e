package io.lorashear.spark.shard;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeterministicParquetTest {
  @TempDir Path folder;

  @Test
  void partitionsAndOrderOfTheInputLeaveNoTraceInTheBytes() throws IOException {
    var first = written(rows(1), "a");
    assertThat(first).hasSizeBetween(6, 9);
    assertThat(first.keySet())
        .contains("source=x/part-00000.parquet", "source=y/part-00000.parquet");
    assertThat(written(rows(3), "b")).isEqualTo(first);
    assertThat(written(rows(17).orderBy(col("id").desc()), "c")).isEqualTo(first);
  }

  @Test
  void everyRowIsInOneFileInOrderOfItsKey() throws IOException {
    DeterministicParquet.write(rows(4), List.of(), List.of("id"), 40, path("whole"));
    var seen = new HashMap<String, String>();
    for (var file : files(folder.resolve("whole"))) {
      var ids =
          LocalSpark.session().read().parquet(file.toString()).collectAsList().stream()
              .map(row -> row.<String>getAs("id"))
              .toList();
      assertThat(ids).isSorted();
      ids.forEach(id -> assertThat(seen.put(id, file.toString())).isNull());
    }
    assertThat(seen).hasSize(200);
  }

  @Test
  void rowsWhoseNumberIsKnownAreTheSameBytes() throws IOException {
    for (var rowsPerFile : List.of(40L, 1000L)) {
      var counted = "counted" + rowsPerFile;
      var known = "known" + rowsPerFile;
      DeterministicParquet.write(rows(4), List.of(), List.of("id"), rowsPerFile, path(counted));
      DeterministicParquet.write(rows(3), 200, List.of("id"), rowsPerFile, path(known));
      assertThat(bytes(known)).isNotEmpty().isEqualTo(bytes(counted));
    }
    DeterministicParquet.write(rows(2).limit(0), 0, List.of("id"), 10, path("none"));
    assertThat(folder.resolve("none")).isEmptyDirectory();
    assertThatThrownBy(
            () -> DeterministicParquet.write(rows(2), 201, List.of("id"), 900, path("fewer")))
        .hasMessageMatching("200 rows were written to .*fewer where 201 were counted");
  }

  private Map<String, String> written(Dataset<Row> rows, String name) throws IOException {
    var names = DeterministicParquet.write(rows, List.of("source"), List.of("id"), 30, path(name));
    var bytes = bytes(name);
    assertThat(names).containsExactlyElementsOf(bytes.keySet());
    return bytes;
  }

  private TreeMap<String, String> bytes(String name) throws IOException {
    var bytes = new TreeMap<String, String>();
    for (var file : files(folder.resolve(name))) {
      bytes.put(
          folder.resolve(name).relativize(file).toString(),
          java.util.HexFormat.of().formatHex(Files.readAllBytes(file)));
    }
    return bytes;
  }

  private static List<Path> files(Path directory) throws IOException {
    try (var all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
  }

  private static Dataset<Row> rows(int partitions) {
    return LocalSpark.session()
        .range(0, 200, 1, partitions)
        .selectExpr(
            "concat('document-', id) as id",
            "if(id % 3 = 0, 'x', 'y') as source",
            "repeat(cast(id as string), 50) as text");
  }
}
