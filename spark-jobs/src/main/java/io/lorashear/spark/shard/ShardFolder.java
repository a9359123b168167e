package io.lorashear.spark.shard;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.Job;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalogUtils;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.Map$;

/**
 * A folder of Parquet files that tasks write, each file completely and under its final name.
 *
 * <pre>
 *   a file exists ⇔ the task that wrote it finished it
 * </pre>
 *
 * So a resumed run finds the finished files, no committer is needed, and an object store without
 * renames works as well as a disk.
 *
 * @param directory folder in any of Hadoop's file systems
 * @param notes folder of the notes on each file, for a run that resumes after a kill; null for none
 */
public record ShardFolder(SparkSession spark, Path directory, @Nullable Path notes) {
  /** Column with the number of a row's file in its folder; an int. */
  public static final String FILE = "__file";

  /** Column with the written part of a row; a struct, null if the row only carries a note. */
  public static final String ROW = "__row";

  /** Column with a note on the file; a string, null or empty for none. The last one counts. */
  public static final String NOTE = "__note";

  /**
   * Small enough that Parquet does not shrink its row groups, however many writers are open at
   * once.
   */
  private static final String ROW_GROUP_BYTES = String.valueOf(16 << 20);

  /** Folder of unfinished files on disks. */
  public static final String WRITING = "_writing";

  /** The name of a file without partition columns. */
  public static String name(int number) {
    return name(List.of(), List.of(), number);
  }

  /** The name of a file. */
  public static String name(List<String> columns, List<String> values, int number) {
    var name = new StringBuilder();
    for (var i = 0; i < columns.size(); i++) {
      name.append(ExternalCatalogUtils.getPartitionPathString(columns.get(i), values.get(i)))
          .append('/');
    }
    return name.append("part-%05d.parquet".formatted(number)).toString();
  }

  /**
   * Writes rows with given files. Existing files must have the same rows.
   *
   * @param rows columns {@code partitionColumns}, {@link #FILE}, {@link #ROW}, {@link #NOTE}, in
   *     this order; the rows of one file lie in one partition, together and in their order
   * @return the files, in the order of folders and numbers
   */
  public List<WrittenShard> write(Dataset<Row> rows, List<String> partitionColumns)
      throws IOException {
    var schema = (StructType) rows.schema().apply(ROW).dataType();
    return write(rows.queryExecution().toRdd().toJavaRDD(), schema, partitionColumns);
  }

  /**
   * Writes rows in Spark's internal form.
   *
   * @param schema of {@link #ROW}
   */
  public List<WrittenShard> write(
      JavaRDD<InternalRow> rows, StructType schema, List<String> partitionColumns)
      throws IOException {
    var fileSystem = fileSystem(directory);
    fileSystem.mkdirs(directory);
    fileSystem.delete(new Path(directory, WRITING), true);
    var writer = writer(schema);
    FlatMapFunction<Iterator<InternalRow>, WrittenShard> write =
        part -> new ShardTask(part, partitionColumns, writer);
    var written = new ArrayList<>(rows.mapPartitions(write).collect());
    fileSystem.delete(new Path(directory, WRITING), true);
    written.sort(Comparator.comparing(WrittenShard::name, ORDER));
    return written;
  }

  /** The names of the existing files, in order, each with its note. */
  public SortedMap<String, String> finished() throws IOException {
    var finished = new TreeMap<String, String>(ORDER);
    for (var name : names(directory)) {
      finished.put(name, "");
    }
    if (notes != null) {
      finished.keySet().retainAll(names(notes));
      for (var file : finished.entrySet()) {
        file.setValue(text(new Path(notes, file.getKey())));
      }
    }
    return finished;
  }

  private Set<String> names(Path folder) throws IOException {
    var fileSystem = fileSystem(folder);
    var root = fileSystem.makeQualified(folder).toUri().getPath() + "/";
    var names = new HashSet<String>();
    try {
      var files = fileSystem.listFiles(folder, true);
      while (files.hasNext()) {
        var name = files.next().getPath().toUri().getPath().substring(root.length());
        if (name.endsWith(".parquet") && !name.startsWith(WRITING)) {
          names.add(name);
        }
      }
    } catch (FileNotFoundException e) {
      return Set.of(); // nothing was written yet
    }
    return names;
  }

  private String text(Path file) throws IOException {
    try (var in = fileSystem(file).open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private FileSystem fileSystem(Path path) throws IOException {
    return path.getFileSystem(spark.sparkContext().hadoopConfiguration());
  }

  /** Folders by name, files of one folder by number. */
  public static final Comparator<String> ORDER =
      Comparator.comparing((String name) -> name.substring(0, name.lastIndexOf('/') + 1))
          .thenComparing(String::length)
          .thenComparing(Comparator.naturalOrder());

  private ShardWriter writer(StructType schema) throws IOException {
    var job = Job.getInstance(spark.sessionState().newHadoopConf());
    job.getConfiguration().set("parquet.block.size", ROW_GROUP_BYTES);
    var options = Map$.MODULE$.<String, String>empty().updated("compression", "zstd");
    var factory = new ParquetFileFormat().prepareWrite(spark, job, options, schema);
    if (ListWriteSupport.knows(schema, job.getConfiguration())) {
      ParquetOutputFormat.setWriteSupportClass(job, ListWriteSupport.class);
    }
    var configuration = new SerializableConfiguration(job.getConfiguration());
    return new ShardWriter(factory, schema, configuration, directory.toString(), noted());
  }

  private String noted() {
    return notes == null ? "" : notes.toString();
  }
}
