package io.lorashear.compress;

import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tensors whose rows and columns are picked from another's. Bytes are copied unchanged, whatever
 * their type; a vector that is rescaled becomes float32, to be rounded once where it is written.
 *
 * <pre>
 *   y[i, j] = x[rows[i], columns[j]]      0 where rows[i] or columns[j] is {@link #ZERO}
 * </pre>
 *
 * The source is read in pieces of {@value #PIECE} bytes, or of a row where that is more: what lies
 * between the first and the last row that a piece needs.
 */
final class PickedTensors implements TensorSource {
  /** A position that is zero instead of copied. */
  static final int ZERO = -1;

  private static final int PIECE = 1 << 22;

  /** The picked rows and columns of one tensor; a vector has one column. */
  @SuppressWarnings("ArrayRecordComponent") // a private table, never compared
  record Pick(int[] rows, int[] columns, long[] shape, double factor, double offset) {}

  private final TensorSource source;
  private final Map<String, Pick> picks;
  private final Map<String, TensorInfo> infos = new LinkedHashMap<>();
  private final Map<String, String> originals = new HashMap<>(); // the source's names

  /**
   * A view of {@code source}.
   *
   * @param picks by the source's names; tensors without a pick are taken whole
   * @param names new names by the source's names; other tensors keep theirs
   * @param gone names in the source of tensors that are left out
   */
  PickedTensors(
      TensorSource source, Map<String, Pick> picks, Map<String, String> names, Set<String> gone) {
    this.source = source;
    this.picks = Map.copyOf(picks);
    source
        .tensors()
        .forEach(
            (original, info) -> {
              if (!gone.contains(original)) {
                var name = names.getOrDefault(original, original);
                var pick = picks.get(original);
                var shape = pick == null ? info.shape() : pick.shape();
                var type = pick == null || pick.factor() == 1 ? info.type() : DataType.F32;
                originals.put(name, original);
                infos.put(name, new TensorInfo(name, type, shape));
              }
            });
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(infos);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer target) {
    var original = originals.getOrDefault(name, name);
    var pick = picks.get(original);
    if (pick == null) {
      source.read(original, byteOffset, target);
      return;
    }
    int width = pick.columns().length * tensor(name).type().bytes();
    var columns = runs(pick.columns());
    for (long at = byteOffset; target.hasRemaining(); ) {
      int skip = (int) (at % width);
      long most = (skip + (long) target.remaining() + width - 1) / width;
      int first = Math.toIntExact(at / width);
      var rows = rows(original, pick, columns, first, Math.toIntExact(most));
      rows.position(skip).limit(Math.min(rows.limit(), skip + target.remaining()));
      at += rows.remaining();
      target.put(rows);
    }
  }

  /** A run of rows from {@code first} on: at least one, at most {@code most}. */
  private ByteBuffer rows(String name, Pick pick, List<Run> columns, int first, int most) {
    var info = source.tensor(name);
    var shape = info.shape();
    int bytes = info.type().bytes();
    int stride = shape.length == 1 ? bytes : Math.multiplyExact(Math.toIntExact(shape[1]), bytes);
    var span = Span.of(pick.rows(), first, most, Math.max(1, PIECE / stride));
    var whole = new byte[span.rows() * stride];
    source.read(name, (long) span.low() * stride, ByteBuffer.wrap(whole));
    int width = pick.columns().length * bytes;
    var picked = new byte[span.count() * width];
    for (int i = 0; i < span.count(); i++) {
      int row = pick.rows()[first + i];
      if (row != ZERO) {
        int from = (row - span.low()) * stride;
        for (var run : columns) {
          System.arraycopy(
              whole,
              from + run.from() * bytes,
              picked,
              i * width + run.to() * bytes,
              run.count() * bytes);
        }
      }
    }
    var result = ByteBuffer.wrap(picked);
    return pick.factor() == 1 ? result : rescaled(pick, info.type(), result);
  }

  /**
   * Rows that are read together.
   *
   * @param count number of picked rows
   * @param low the first that is read, 0 where all are {@link #ZERO}
   * @param rows that are read
   */
  private record Span(int count, int low, int rows) {
    static Span of(int[] picked, int first, int most, int limit) {
      int low = Integer.MAX_VALUE;
      int high = -1;
      int count = 0;
      for (; count < most && first + count < picked.length; count++) {
        int row = picked[first + count];
        if (row != ZERO) {
          int lowest = Math.min(low, row);
          int highest = Math.max(high, row);
          if (count > 0 && (long) highest - lowest >= limit) {
            break;
          }
          low = lowest;
          high = highest;
        }
      }
      return high < 0 ? new Span(count, 0, 0) : new Span(count, low, high - low + 1);
    }
  }

  /** Columns that lie side by side in both: {@code count} from {@code from} on go to {@code to}. */
  private record Run(int from, int to, int count) {}

  private static List<Run> runs(int[] columns) {
    var runs = new ArrayList<Run>();
    for (int start = 0, end; start < columns.length; start = end) {
      end = start + 1;
      while (columns[start] != ZERO
          && end < columns.length
          && columns[end] == columns[start] + end - start) {
        end++;
      }
      if (columns[start] != ZERO) {
        runs.add(new Run(columns[start], start, end - start));
      }
    }
    return runs;
  }

  private static ByteBuffer rescaled(Pick pick, DataType type, ByteBuffer rows) {
    var values = new float[rows.remaining() / type.bytes()];
    type.decode(rows, values, 0, values.length);
    for (int j = 0; j < values.length; j++) {
      values[j] = (float) ((values[j] + pick.offset()) * pick.factor() - pick.offset());
    }
    var result = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
    DataType.F32.encode(values, 0, values.length, result);
    return result.flip();
  }

  @Override
  public void close() {
    source.close();
  }
}
