package io.lorashear.checkpoint.gguf;

import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.checkpoint.gguf.head.HeaderBytes;
import io.lorashear.checkpoint.gguf.head.MetadataValue;
import io.lorashear.run.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Writes a GGUF file of version 3, little-endian. The same metadata and tensors give the same
 * bytes.
 *
 * <pre>
 *   head │ padding │ tensor │ padding │ tensor │ padding …          in the given order
 * </pre>
 *
 * <p>Rows are read and encoded on all processors, in pieces of about a quarter of a million
 * numbers, and written in order; only a few pieces are in memory at once.
 */
public final class GgufWriter implements AutoCloseable {
  private static final String ALIGNMENT = "general.alignment";
  private static final int PIECE = 1 << 18;

  private final FileChannel channel;
  private final ExecutorService workers;
  private final int most;
  private final Deque<Piece> pieces = new ArrayDeque<>();
  private final Progress.Work work;

  private record Piece(int numbers, CompletableFuture<ByteBuffer> bytes) {}

  private GgufWriter(FileChannel channel, Progress.Work work) {
    int processors = Runtime.getRuntime().availableProcessors();
    this.channel = channel;
    this.workers = Executors.newFixedThreadPool(processors);
    this.most = 2 * processors;
    this.work = work;
  }

  /**
   * Writes {@code file}, replacing an existing one; for an atomic write pass a file in the folder
   * of a {@link io.lorashear.run.Publication}.
   *
   * @param metadata keys and values in the order of the file; tensors are aligned to its
   *     general.alignment, 32 bytes by default
   * @throws InputException if a number of a tensor is not finite or too large for its type, or if a
   *     text is not valid Unicode
   */
  public static void write(
      Path file, Map<String, MetadataValue> metadata, List<GgufTensor> tensors, Progress progress) {
    int alignment = alignment(metadata);
    var head = HeaderBytes.of(metadata, entries(tensors, alignment), alignment);
    long numbers = tensors.stream().mapToLong(each -> each.count() * each.columns()).sum();
    try (var channel = open(file);
        var work = progress.begin("write " + file.getFileName(), numbers, "numbers");
        var writer = new GgufWriter(channel, work)) {
      writer.fully(head);
      for (var tensor : tensors) {
        writer.add(tensor, alignment);
      }
      writer.drain(0);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + file, e);
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }

  private static int alignment(Map<String, MetadataValue> metadata) {
    var stated = metadata.getOrDefault(ALIGNMENT, MetadataValue.uint32(32));
    for (int power = 8; power <= 1 << 16; power *= 2) {
      if (stated.equals(MetadataValue.uint32(power))) {
        return power;
      }
    }
    throw new IllegalArgumentException(ALIGNMENT + " is " + stated);
  }

  private static List<Entry> entries(List<GgufTensor> tensors, int alignment) {
    var entries = new ArrayList<Entry>();
    var names = new HashSet<String>();
    long start = 0;
    for (var tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw new IllegalArgumentException(tensor.name() + " twice");
      }
      entries.add(new Entry(tensor.name(), tensor.type(), tensor.extents(), start));
      long bytes = tensor.bytes(tensor.count());
      start += bytes + Math.floorMod(-bytes, alignment);
    }
    return entries;
  }

  private void add(GgufTensor tensor, int alignment) throws IOException {
    int rows = Math.max(1, PIECE / tensor.columns());
    for (long first = 0; first < tensor.count(); first += rows) {
      int count = (int) Math.min(rows, tensor.count() - first);
      boolean last = first + count == tensor.count();
      int padding = last ? Math.floorMod(-tensor.bytes(tensor.count()), alignment) : 0;
      long from = first;
      drain(most - 1);
      pieces.add(
          new Piece(
              count * tensor.columns(),
              CompletableFuture.supplyAsync(() -> encoded(tensor, from, count, padding), workers)));
    }
  }

  private static ByteBuffer encoded(GgufTensor tensor, long first, int count, int padding) {
    var numbers = new float[Math.multiplyExact(count, tensor.columns())];
    tensor.rows().read(first, count, numbers);
    check(tensor, first, numbers);
    var bytes = ByteBuffer.allocate(Math.toIntExact(tensor.bytes(count)) + padding);
    tensor.type().encode(numbers, 0, numbers.length, bytes.order(ByteOrder.LITTLE_ENDIAN));
    return bytes.rewind();
  }

  private static void check(GgufTensor tensor, long first, float[] numbers) {
    for (int i = 0; i < numbers.length; i++) {
      if (!(Math.abs(numbers[i]) <= tensor.type().largest())) {
        throw refusal(tensor, first + i / tensor.columns(), i % tensor.columns(), numbers[i]);
      }
    }
  }

  private static InputException refusal(GgufTensor tensor, long row, int column, float number) {
    if (Float.isFinite(number)) {
      return new InputException(
          "tensor %s has %s at row %d, column %d, above %s, the largest that %s is written with:"
              + " choose F32 or BF16",
          tensor.name(), number, row, column, tensor.type().largest(), tensor.type());
    }
    return new InputException(
        "tensor %s has %s at row %d, column %d: a model with such a weight gives no answers, so it"
            + " is not written; go back to an earlier checkpoint",
        tensor.name(), number, row, column);
  }

  /** Writes the oldest pieces until at most {@code left} are pending. */
  private void drain(int left) throws IOException {
    while (pieces.size() > left) {
      var piece = pieces.remove();
      try {
        fully(piece.bytes().join());
      } catch (CompletionException e) {
        throw e.getCause() instanceof RuntimeException cause ? cause : e;
      }
      work.step(piece.numbers());
    }
  }

  private void fully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Waits for pending pieces, because they read from sources that the caller closes next. */
  @Override
  public void close() {
    workers.shutdown();
    pieces.forEach(piece -> piece.bytes().handle((bytes, failure) -> bytes).join());
  }
}
