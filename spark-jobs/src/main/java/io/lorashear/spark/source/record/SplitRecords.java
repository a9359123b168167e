package io.lorashear.spark.source.record;

import io.lorashear.spark.source.record.RawRecord.State;
import java.io.IOException;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Seekable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.compress.BZip2Codec;
import org.apache.hadoop.io.compress.SplittableCompressionCodec.READ_MODE;
import org.apache.hadoop.mapreduce.lib.input.CompressedSplitLineReader;
import org.apache.hadoop.mapreduce.lib.input.SplitLineReader;
import org.apache.hadoop.mapreduce.lib.input.UncompressedSplitLineReader;
import org.jspecify.annotations.Nullable;

/**
 * Delimited records that begin in one slice of a plain or bzip2 file, so that many tasks can read a
 * large dump. By Hadoop's rule, a slice skips the record that began before it and reads to the end
 * of its last record, so that every record belongs to exactly one slice.
 *
 * <p>In a bzip2 file records have no byte offsets: only plain files have positions, and only
 * formats whose records contain an id are read in slices from packed files.
 */
public final class SplitRecords extends Pull<RawRecord> {
  private final SplitLineReader reader;
  private final Seekable filePosition;
  private final int delimiterLength;
  private final int limit;
  private final boolean packed;
  private final long end;
  private long position;

  /**
   * @param start first byte of the slice, in the stored file
   * @param end byte after its last
   */
  public SplitRecords(
      FSDataInputStream file, boolean packed, long start, long end, byte[] delimiter, int limit)
      throws IOException {
    var configuration = new Configuration(false);
    this.packed = packed;
    this.limit = limit;
    delimiterLength = delimiter.length;
    if (packed) {
      var codec = new BZip2Codec();
      codec.setConf(configuration);
      var unpacked = codec.createInputStream(file, null, start, end, READ_MODE.BYBLOCK);
      reader = new CompressedSplitLineReader(unpacked, configuration, delimiter);
      filePosition = unpacked;
      position = unpacked.getAdjustedStart();
      this.end = unpacked.getAdjustedEnd();
    } else {
      file.seek(start);
      reader = new UncompressedSplitLineReader(file, configuration, delimiter, end - start);
      filePosition = file;
      position = start;
      this.end = end;
    }
    if (start != 0) {
      position += reader.readLine(new Text(), 0, Integer.MAX_VALUE);
    }
  }

  @Override
  protected @Nullable RawRecord advance() throws IOException {
    var inside = (packed ? filePosition.getPos() : position) <= end;
    if (!inside && !reader.needAdditionalRecordAfterSplit()) {
      return null;
    }
    var text = new Text();
    var consumed = reader.readLine(text, limit, Integer.MAX_VALUE);
    if (consumed == 0) {
      return null;
    }
    var start = position;
    position += consumed;
    return record(start, consumed, text);
  }

  private RawRecord record(long start, int consumed, Text text) {
    var bytes = Arrays.copyOf(text.getBytes(), text.getLength());
    if (consumed > bytes.length + delimiterLength) {
      var beginning = Arrays.copyOf(bytes, Math.min(bytes.length, RawRecord.BEGINNING));
      return RawRecord.numbered(start, beginning, State.TOO_LONG);
    }
    var state = consumed == bytes.length ? State.LAST : State.WHOLE;
    return RawRecord.numbered(start, bytes, state);
  }
}
