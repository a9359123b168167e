package io.lorashear.spark.source.record;

import io.lorashear.spark.source.record.RawRecord.State;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a Parquet file; their position is the number of the row, from 0, however many tasks share
 * the file. A slice has the row groups whose middle is in it, as in Parquet's own splits.
 */
public final class ParquetRows extends Pull<RawRecord> implements Closeable {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  /** What the bytes of a record consist of. */
  public enum Form {
    /** The text in one column. */
    TEXT,
    /**
     * The texts of several rows, one per line; the position is the number of the first row, from 1.
     */
    LINES,
    /** A JSON object of some columns. */
    JSON
  }

  /**
   * Which part of a file becomes records.
   *
   * @param columns columns that are read: one, except for {@link Form#JSON}
   * @param rows number of rows per record of {@link Form#LINES}
   */
  public record Selection(Form form, List<String> columns, int rows) {}

  private final ParquetReader<Group> rows;
  private final Selection selection;
  private final int limit;

  /**
   * Opens the row groups of a slice.
   *
   * @param start first byte of the slice
   * @param end byte after its last
   * @param limit maximum bytes of a record
   */
  public ParquetRows(
      Path path, Configuration configuration, long start, long end, Selection selection, int limit)
      throws IOException {
    this.selection = selection;
    this.limit = limit;
    var projected = new Configuration(configuration);
    var schema = footer(path, configuration).getFileMetaData().getSchema();
    var wanted = selection.columns().stream().filter(schema::containsField).map(schema::getType);
    projected.set(
        ReadSupport.PARQUET_READ_SCHEMA,
        new MessageType(schema.getName(), wanted.toArray(Type[]::new)).toString());
    rows =
        ParquetReader.builder(new GroupReadSupport(), path)
            .withConf(projected)
            .withFileRange(start, end)
            .withCodecFactory(new ParquetCodecs(projected))
            .build();
  }

  /** Whether a file begins as Parquet files do. */
  public static boolean isParquet(byte[] first) {
    return first.length >= MAGIC.length
        && Arrays.equals(first, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /**
   * Names of the columns, in their order, and whether they hold text.
   *
   * @param wanted columns that will be read
   * @throws ParquetNotReadException if one of these is intact but cannot be read
   */
  public static Map<String, Boolean> columns(
      Path path, Configuration configuration, Collection<String> wanted) throws IOException {
    var footer = footer(path, configuration);
    ParquetCodecs.check(footer, wanted);
    var columns = new LinkedHashMap<String, Boolean>();
    footer
        .getFileMetaData()
        .getSchema()
        .getFields()
        .forEach(field -> columns.put(field.getName(), ParquetJson.isText(field)));
    return columns;
  }

  private static ParquetMetadata footer(Path path, Configuration configuration) throws IOException {
    try (var reader = ParquetFileReader.open(HadoopInputFile.fromPath(path, configuration))) {
      return reader.getFooter();
    } catch (NullPointerException | IllegalArgumentException e) { // an unknown name of a type
      throw ParquetNotReadException.newer(e);
    } catch (RuntimeException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  protected @Nullable RawRecord advance() throws IOException {
    return selection.form() == Form.LINES ? lines() : row();
  }

  private @Nullable RawRecord row() throws IOException {
    var row = rows.read();
    return row == null ? null : record(rows.getCurrentRowIndex(), bytes(row));
  }

  private @Nullable RawRecord lines() throws IOException {
    var lines = new ByteArrayOutputStream();
    var first = -1L;
    for (var i = 0; i < selection.rows() && lines.size() <= limit; i++) {
      var row = rows.read();
      if (row == null) {
        break;
      }
      first = first < 0 ? rows.getCurrentRowIndex() + 1 : first;
      for (var b : text(row)) {
        lines.write(b == '\n' ? ' ' : b);
      }
      lines.write('\n');
    }
    return first < 0 ? null : record(first, lines.toByteArray());
  }

  private RawRecord record(long position, byte[] bytes) {
    if (bytes.length > limit) {
      var beginning = Arrays.copyOf(bytes, Math.min(bytes.length, RawRecord.BEGINNING));
      return RawRecord.numbered(position, beginning, State.TOO_LONG);
    }
    return RawRecord.numbered(position, bytes, State.WHOLE);
  }

  private byte[] bytes(Group row) throws IOException {
    return selection.form() == Form.JSON ? ParquetJson.bytes(row) : text(row);
  }

  /** The bytes in the first column; empty if it has no value or is not a text. */
  private static byte[] text(Group row) {
    var text =
        row.getType().getFieldCount() > 0
            && row.getType().getType(0).isPrimitive()
            && row.getFieldRepetitionCount(0) == 1;
    return text ? ParquetJson.binary(row, 0) : new byte[0];
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
