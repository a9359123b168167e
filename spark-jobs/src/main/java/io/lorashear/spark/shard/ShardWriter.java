package io.lorashear.spark.shard;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.TaskType;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.Utils;

/**
 * Writes files of one folder, in a task.
 *
 * @param notes folder of the notes on them; empty for none
 */
record ShardWriter(
    OutputWriterFactory factory,
    StructType schema,
    SerializableConfiguration configuration,
    String directory,
    String notes)
    implements Serializable {

  /** A file on this machine that is not yet published. */
  Unfinished begin() throws IOException {
    var local = Utils.getLocalDir(SparkEnv.get().conf());
    var folder = Files.createTempDirectory(java.nio.file.Path.of(local), "shard");
    var file = folder.resolve("rows.parquet");
    var task = new TaskAttemptID("lorashear", 0, TaskType.MAP, 0, 0);
    var context = new TaskAttemptContextImpl(configuration.value(), task);
    return new Unfinished(file, factory.newInstance("file:" + file, schema, context));
  }

  /** Stores the note on a file before the file exists, so that it is never missing. */
  void remember(String name, String note) throws IOException {
    if (!notes.isEmpty()) {
      var bytes = note.getBytes(StandardCharsets.UTF_8);
      publish(notes, name, out -> out.write(bytes));
    }
  }

  private void publish(String folder, String name, WholeFiles.Content content) throws IOException {
    var target = new Path(folder, name);
    var fileSystem = WholeFiles.fileSystem(target, configuration.value());
    WholeFiles.write(fileSystem, target, new Path(folder, ShardFolder.WRITING), content);
  }

  /** A file that will be finished or discarded. */
  final class Unfinished implements AutoCloseable {
    private final java.nio.file.Path file;
    private final OutputWriter rows;
    private boolean closed;

    private Unfinished(java.nio.file.Path file, OutputWriter rows) {
      this.file = file;
      this.rows = rows;
    }

    void add(InternalRow row) {
      rows.write(row);
    }

    /** Publishes the file at {@code name} in the folder, atomically. */
    void finish(String name) throws IOException {
      closeRows();
      publish(directory, name, out -> ParquetFooter.copySorted(file, out));
    }

    private void closeRows() {
      if (!closed) {
        closed = true;
        rows.close();
      }
    }

    @Override
    public void close() throws IOException {
      closeRows();
      Files.deleteIfExists(file);
      Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
      Files.deleteIfExists(file.getParent());
    }
  }
}
