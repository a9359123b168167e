package io.lorashear.spark.shard;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.ceil;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.xxhash64;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Writes rows as Parquet files whose bytes are the same for any number of partitions and cores.
 *
 * <pre>
 *   files of a folder = ⌈rows / rowsPerFile⌉
 *   file of a row     = hash(key) mod files        so that files do not depend on sampling
 *   order in a file   = by key
 * </pre>
 *
 * Files are {@code part-00000.parquet}, {@code part-00001.parquet}, … in {@code
 * directory/column=value/…}, one folder for each value of the partition columns; a file without
 * rows is left out.
 */
public final class DeterministicParquet {
  private static final String FILES = "__files";

  private DeterministicParquet() {}

  /**
   * Writes {@code rows}, which are evaluated twice: once to count, once to write.
   *
   * @param partitionColumns columns that become folders; may be empty
   * @param keyColumns columns that determine a row's file and its position in it; together they
   *     must be unique
   * @param rowsPerFile approximate number of rows of a file, at least 1
   * @param directory created if missing; existing files must be of the same rows
   * @return the files written, relative to {@code directory}, in order
   */
  public static List<String> write(
      Dataset<Row> rows,
      List<String> partitionColumns,
      List<String> keyColumns,
      long rowsPerFile,
      Path directory) {
    var files = ceil(count(lit(1)).divide(rowsPerFile)).cast("long").as(FILES);
    var place = with(columns(partitionColumns), col(ShardFolder.FILE));
    return write(
            countPerFolder(rows, columns(partitionColumns), files),
            partitionColumns,
            keyColumns,
            placed -> placed.repartition(place),
            directory)
        .stream()
        .map(WrittenShard::name)
        .toList();
  }

  /**
   * Writes a known number of {@code rows} to one folder. They are evaluated once.
   *
   * @param number number of rows; for 0 the folder is created
   * @throws IllegalStateException if there were more or fewer
   */
  public static void write(
      Dataset<Row> rows, long number, List<String> keyColumns, long rowsPerFile, Path directory) {
    if (number == 0) {
      make(directory, rows.sparkSession());
      return;
    }
    var files = (number + rowsPerFile - 1) / rowsPerFile;
    var written =
        write(
            rows.withColumn(FILES, lit(files)),
            List.of(),
            keyColumns,
            placed -> files == 1 ? placed.coalesce(1) : placed.repartition(col(ShardFolder.FILE)),
            directory);
    var sum = written.stream().mapToLong(WrittenShard::rows).sum();
    if (sum != number) {
      throw new IllegalStateException(
          "%d rows were written to %s where %d were counted".formatted(sum, directory, number));
    }
  }

  /**
   * @param rows rows with the number of their folder's files as the last column
   * @param together puts the rows of a file into one partition
   */
  private static List<WrittenShard> write(
      Dataset<Row> rows,
      List<String> partitionColumns,
      List<String> keyColumns,
      UnaryOperator<Dataset<Row>> together,
      Path directory) {
    var folders = columns(partitionColumns);
    var keys = columns(keyColumns);
    var data =
        Arrays.stream(rows.columns())
            .filter(name -> !partitionColumns.contains(name) && !name.equals(FILES))
            .map(name -> col(name))
            .toArray(Column[]::new);
    var file = pmod(xxhash64(keys), col(FILES)).cast("int").as(ShardFolder.FILE);
    var place = with(folders, col(ShardFolder.FILE));
    var placed =
        together
            .apply(rows.select(with(folders, with(new Column[] {file}, data))))
            .sortWithinPartitions(with(place, keys))
            .select(
                with(
                    place,
                    struct(data).as(ShardFolder.ROW),
                    lit("").cast("string").as(ShardFolder.NOTE)));
    try {
      return new ShardFolder(rows.sparkSession(), directory, null).write(placed, partitionColumns);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void make(Path directory, SparkSession spark) {
    try {
      directory.getFileSystem(spark.sparkContext().hadoopConfiguration()).mkdirs(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Dataset<Row> countPerFolder(Dataset<Row> rows, Column[] partitions, Column files) {
    if (partitions.length == 0) {
      return rows.crossJoin(broadcast(rows.agg(files)));
    }
    var names = Arrays.stream(partitions).map(Column::toString).toArray(String[]::new);
    return rows.join(broadcast(rows.groupBy(partitions).agg(files)), names, "inner");
  }

  private static Column[] columns(List<String> names) {
    return names.stream().map(name -> col(name)).toArray(Column[]::new);
  }

  private static Column[] with(Column[] first, Column... last) {
    var all = new ArrayList<>(List.of(first));
    all.addAll(List.of(last));
    return all.toArray(Column[]::new);
  }
}
