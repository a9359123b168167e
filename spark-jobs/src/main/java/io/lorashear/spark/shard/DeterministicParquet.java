package io.lorashear.spark.shard;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.ceil;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.xxhash64;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Writes rows as Parquet files that are the same bytes for any number of partitions and cores.
 *
 * <pre>
 *   files of a folder = ⌈rows / rowsPerFile⌉
 *   file of a row     = hash(key) mod files        so no sample decides where a file begins
 *   order in a file   = by key
 * </pre>
 *
 * Files are {@code part-00000.parquet}, {@code part-00001.parquet}, … in {@code
 * directory/column=value/…}, one folder for each value of the partition columns.
 */
public final class DeterministicParquet {
  private static final String BUCKET = "__file";
  private static final String FILES = "__files";

  /** Small enough that no number of writers at once makes Parquet shrink its row groups. */
  private static final long ROW_GROUP_BYTES = 16L << 20;

  private static final int MOST_TASKS = 1000;

  private DeterministicParquet() {}

  /**
   * Writes {@code rows}, which are evaluated twice: once to count, once to write.
   *
   * @param partitionColumns columns that become folders; may be empty
   * @param keyColumns decide a row's file and its place in it; together they must be unique
   * @param rowsPerFile about how many rows a file holds, at least 1
   * @param directory must not hold Parquet files yet; made if missing
   * @return the files written, relative to {@code directory}, in order
   */
  public static List<String> write(
      Dataset<Row> rows,
      List<String> partitionColumns,
      List<String> keyColumns,
      long rowsPerFile,
      Path directory) {
    var placed = bucketed(rows, columns(partitionColumns), columns(keyColumns), rowsPerFile);
    return writePlaced(placed, partitionColumns, BUCKET, directory);
  }

  /**
   * Writes rows whose place is decided: the rows of one file lie in one partition of {@code rows},
   * sorted by the partition columns, then {@code fileColumn}, then what orders a file.
   *
   * @param fileColumn number of a row's file; files are renumbered without gaps in its order
   * @param directory must not hold Parquet files yet; made if missing
   * @return the files written, relative to {@code directory}, in order
   */
  public static List<String> writePlaced(
      Dataset<Row> rows, List<String> partitionColumns, String fileColumn, Path directory) {
    var scratch = new Path(directory, "_writing");
    rows.withColumnRenamed(fileColumn, BUCKET)
        .write()
        .mode(SaveMode.Overwrite)
        .option("compression", "zstd")
        .option("parquet.block.size", String.valueOf(ROW_GROUP_BYTES))
        .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
        .option("maxRecordsPerFile", "0")
        .partitionBy(with(partitionColumns, BUCKET).toArray(String[]::new))
        .parquet(scratch.toString());
    try {
      return gather(scratch, directory, rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Dataset<Row> bucketed(
      Dataset<Row> rows, Column[] partitions, Column[] keys, long rowsPerFile) {
    var files = ceil(count(lit(1)).divide(rowsPerFile)).cast("long").as(FILES);
    var bucket = pmod(xxhash64(keys), col(FILES)).cast("int");
    var counted = countPerFolder(rows, partitions, files);
    var placed = counted.withColumn(BUCKET, bucket).drop(FILES);
    var folder = with(partitions, col(BUCKET));
    return placed.repartition(folder).sortWithinPartitions(with(folder, keys));
  }

  private static Dataset<Row> countPerFolder(Dataset<Row> rows, Column[] partitions, Column files) {
    if (partitions.length == 0) {
      return rows.crossJoin(broadcast(rows.agg(files)));
    }
    var names = Arrays.stream(partitions).map(Column::toString).toArray(String[]::new);
    return rows.join(broadcast(rows.groupBy(partitions).agg(files)), names, "inner");
  }

  /** One file to bring to its final name. */
  private record Move(String from, String to) implements Serializable {}

  /** Brings the one file of every bucket to its final name and removes the scratch folder. */
  private static List<String> gather(Path scratch, Path directory, Dataset<Row> rows)
      throws IOException {
    var configuration =
        new SerializableConfiguration(rows.sparkSession().sessionState().newHadoopConf());
    var fileSystem = fileSystem(directory, configuration);
    var written = new ArrayList<String>();
    var moves = new ArrayList<Move>();
    gatherFolder(fileSystem, scratch, directory, "", written, moves);
    JavaSparkContext.fromSparkContext(rows.sparkSession().sparkContext())
        .parallelize(moves, Math.max(1, Math.min(moves.size(), MOST_TASKS)))
        .foreach(move -> bring(move, configuration));
    fileSystem.delete(scratch, true);
    return written;
  }

  private static void bring(Move move, SerializableConfiguration configuration) throws IOException {
    var from = new Path(move.from());
    ParquetFooter.copySorted(fileSystem(from, configuration), from, new Path(move.to()));
  }

  private static void gatherFolder(
      FileSystem fileSystem,
      Path from,
      Path directory,
      String folder,
      List<String> written,
      List<Move> moves)
      throws IOException {
    var next = 0;
    for (var child : children(fileSystem, from)) {
      var name = child.getPath().getName();
      if (name.startsWith(BUCKET + "=")) {
        var target = folder + "part-%05d.parquet".formatted(next++);
        moves.add(move(fileSystem, child.getPath(), new Path(directory, target)));
        written.add(target);
      } else if (child.isDirectory()) {
        gatherFolder(fileSystem, child.getPath(), directory, folder + name + "/", written, moves);
      }
    }
  }

  private static Move move(FileSystem fileSystem, Path bucket, Path target) throws IOException {
    var files =
        Arrays.stream(fileSystem.listStatus(bucket))
            .map(FileStatus::getPath)
            .filter(path -> path.getName().endsWith(".parquet"))
            .toList();
    if (files.size() != 1) {
      throw new IllegalStateException("%s holds %d files, not one".formatted(bucket, files.size()));
    }
    return new Move(files.get(0).toString(), fileSystem.makeQualified(target).toString());
  }

  /** Folders in order of their names, files of one folder in order of their numbers. */
  private static List<FileStatus> children(FileSystem fileSystem, Path folder) throws IOException {
    return Arrays.stream(fileSystem.listStatus(folder))
        .sorted(
            Comparator.comparing(
                    (FileStatus status) -> status.getPath().getName().replaceAll("\\d+$", ""))
                .thenComparing(status -> status.getPath().getName().length())
                .thenComparing(status -> status.getPath().getName()))
        .toList();
  }

  /** The file system of {@code path}; a local one without the checksum files it would add. */
  private static FileSystem fileSystem(Path path, SerializableConfiguration configuration)
      throws IOException {
    var fileSystem = path.getFileSystem(configuration.value());
    return fileSystem instanceof LocalFileSystem local ? local.getRawFileSystem() : fileSystem;
  }

  private static Column[] columns(List<String> names) {
    return names.stream().map(name -> col(name)).toArray(Column[]::new);
  }

  private static List<String> with(List<String> names, String last) {
    var all = new ArrayList<>(names);
    all.add(last);
    return all;
  }

  private static Column[] with(Column[] first, Column... last) {
    var all = Arrays.copyOf(first, first.length + last.length);
    System.arraycopy(last, 0, all, first.length, last.length);
    return all;
  }
}
