package io.lorashear.checkpoint.safetensors;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Writes a safetensors file in pieces of 4 MiB. The same tensors give the same bytes whatever their
 * order: they are sorted by type, widest first, so that every tensor is aligned, then by name.
 */
public final class SafetensorsWriter {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ALIGNMENT = 8;
  private static final int PIECE = 4 << 20;

  private SafetensorsWriter() {}

  /** Writes every tensor of {@code source}; an existing file is replaced. */
  public static void write(Path file, TensorSource source) {
    var order = ordered(source.tensors().values());
    try (var channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      writeFully(channel, header(order));
      var piece = ByteBuffer.allocateDirect(PIECE);
      for (var info : order) {
        for (long done = 0; done < info.bytes(); done += piece.limit()) {
          piece.clear().limit((int) Math.min(PIECE, info.bytes() - done));
          source.read(info.name(), done, piece);
          writeFully(channel, piece.flip());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + file, e);
    }
  }

  /** Tensors in the order in which they are written. */
  static List<TensorInfo> ordered(Collection<TensorInfo> tensors) {
    return tensors.stream()
        .sorted(
            Comparator.comparingInt((TensorInfo info) -> -info.type().bytes())
                .thenComparing(TensorInfo::name))
        .toList();
  }

  private static ByteBuffer header(List<TensorInfo> order) throws IOException {
    var header = JSON.createObjectNode();
    header.putObject("__metadata__").put("format", "pt"); // transformers requires it
    long begin = 0;
    for (var info : order) {
      describe(header.putObject(info.name()), info, begin);
      begin += info.bytes();
    }
    var text = JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
    var padded = Arrays.copyOf(text, text.length + Math.floorMod(-text.length, ALIGNMENT));
    Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    var bytes = ByteBuffer.allocate(Long.BYTES + padded.length).order(ByteOrder.LITTLE_ENDIAN);
    return bytes.putLong(padded.length).put(padded).flip();
  }

  private static void describe(ObjectNode entry, TensorInfo info, long begin) {
    entry.put("dtype", info.type().name());
    var shape = entry.putArray("shape");
    for (long extent : info.shape()) {
      shape.add(extent);
    }
    entry.putArray("data_offsets").add(begin).add(begin + info.bytes());
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
