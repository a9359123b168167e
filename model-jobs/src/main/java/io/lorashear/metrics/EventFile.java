package io.lorashear.metrics;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Scalars in TensorBoard's format: TFRecord frames, each with one message {@code tensorflow.Event}.
 *
 * <pre>
 *   frame    length (8 bytes)  mask(crc(length))  message  mask(crc(message))     little endian
 *   mask(c)  ((c &gt;&gt;&gt; 15) | (c &lt;&lt; 17)) + 0xa282ead8                   of CRC-32C
 *   Event    1 wall_time: double   2 step: int64   3 file_version: string   5 summary: Summary
 *   Summary  1 value: Value, repeated          Value  1 tag: string   2 simple_value: float
 * </pre>
 *
 * The messages are those of TensorFlow's event.proto and summary.proto. TensorFlow's own classes
 * for them are not used, because they need its native library and another major version of
 * protobuf.
 */
final class EventFile implements AutoCloseable {
  private static final String VERSION = "brain.Event:2";
  private static final int MASK = 0xa282ead8;
  private static final double MILLIS = 1e3;
  private static final DateTimeFormatter FOLDER =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final FileChannel channel;

  private EventFile(Path folder, Instant begun, WritingProcess process) throws IOException {
    Files.createDirectories(folder);
    var name =
        "events.out.tfevents.%010d.%s.%d"
            .formatted(begun.getEpochSecond(), process.machine(), process.number());
    this.channel =
        FileChannel.open(
            folder.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    if (channel.size() == 0) {
      var first = new ByteArrayOutputStream();
      var out = CodedOutputStream.newInstance(first);
      out.writeDouble(1, seconds(begun));
      out.writeString(3, VERSION);
      out.flush();
      frame(first.toByteArray());
    }
  }

  /**
   * A new event file of a run, next to those written before the run was resumed; if there are none,
   * it first gets all steps and validations of the run's metrics.
   *
   * @param folder folder of all runs of the stage; each run has a subfolder
   */
  static EventFile of(Path folder, StageMetrics run, Instant now) throws IOException {
    var own = folder.resolve(FOLDER.format(StageMetrics.time(run.lines().get(0))));
    boolean first = !Files.isDirectory(own);
    var events = new EventFile(own, now, WritingProcess.own());
    if (first) {
      for (var line : run.steps()) {
        events.scalars(line);
      }
      for (var line : run.validations()) {
        events.scalars(line);
      }
    }
    return events;
  }

  /**
   * Writes the figures of a line of metrics as scalars, tagged {@code train/} or {@code
   * validation/}.
   */
  void scalars(ObjectNode line) throws IOException {
    var kind = StageMetrics.is(line, MetricsFile.STEP) ? "train/" : "validation/";
    var values = new LinkedHashMap<String, Double>();
    line.fields()
        .forEachRemaining(
            field -> {
              if (field.getValue().isDouble()) {
                values.put(kind + field.getKey(), field.getValue().doubleValue());
              }
            });
    var event = new ByteArrayOutputStream();
    var out = CodedOutputStream.newInstance(event);
    out.writeDouble(1, seconds(StageMetrics.time(line)));
    out.writeInt64(2, line.path(MetricsFile.STEP).asLong());
    out.writeBytes(5, summary(values));
    out.flush();
    frame(event.toByteArray());
  }

  private static ByteString summary(Map<String, Double> values) throws IOException {
    var summary = new ByteArrayOutputStream();
    var out = CodedOutputStream.newInstance(summary);
    for (var each : values.entrySet()) {
      var value = new ByteArrayOutputStream();
      var inner = CodedOutputStream.newInstance(value);
      inner.writeString(1, each.getKey());
      inner.writeFloat(2, each.getValue().floatValue());
      inner.flush();
      out.writeBytes(1, ByteString.copyFrom(value.toByteArray()));
    }
    out.flush();
    return ByteString.copyFrom(summary.toByteArray());
  }

  private static double seconds(Instant time) {
    return time.toEpochMilli() / MILLIS;
  }

  private void frame(byte[] message) throws IOException {
    var frame =
        ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES + message.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    frame.putLong(message.length);
    frame.putInt(masked(frame.array(), Long.BYTES));
    frame.put(message);
    frame.putInt(masked(message, message.length));
    frame.flip();
    while (frame.hasRemaining()) {
      channel.write(frame);
    }
  }

  private static int masked(byte[] bytes, int length) {
    var crc = new CRC32C();
    crc.update(bytes, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
