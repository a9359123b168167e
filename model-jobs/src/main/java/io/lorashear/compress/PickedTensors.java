package io.lorashear.compress;

import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Tensors whose rows and columns are picked from another's. Bytes are copied as they lie, whatever
 * their type; nothing larger than a row is held.
 *
 * <pre>
 *   y[i, j] = x[rows[i], columns[j]]      0 where rows[i] or columns[j] is {@link #ZERO}
 * </pre>
 */
final class PickedTensors implements TensorSource {
  /** A position that is zero instead of copied. */
  static final int ZERO = -1;

  /** What is picked of one tensor; a vector has one column. */
  @SuppressWarnings("ArrayRecordComponent") // a private table, never compared
  record Pick(int[] rows, int[] columns, long[] shape, double factor, double offset) {}

  private final TensorSource source;
  private final Map<String, Pick> picks;
  private final Map<String, TensorInfo> infos = new LinkedHashMap<>();
  private final Map<String, String> originals = new HashMap<>(); // the source's names

  /**
   * A view of {@code source}.
   *
   * @param picks by the source's names; what is not named is taken whole
   * @param names new names by the source's; what is not named keeps its own
   * @param gone what is left out, by the source's names
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
                originals.put(name, original);
                infos.put(name, new TensorInfo(name, info.type(), shape));
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
    var type = tensor(name).type();
    int width = pick.columns().length * type.bytes();
    var row = ByteBuffer.allocate(width);
    for (long at = byteOffset; target.hasRemaining(); ) {
      int index = Math.toIntExact(at / width);
      readRow(original, pick, index, type, row.clear());
      row.position((int) (at % width));
      row.limit(Math.min(width, row.position() + target.remaining()));
      at += row.remaining();
      target.put(row);
    }
  }

  private void readRow(String name, Pick pick, int index, DataType type, ByteBuffer row) {
    int from = pick.rows()[index];
    if (from == ZERO) {
      row.put(new byte[row.capacity()]);
      return;
    }
    var shape = source.tensor(name).shape();
    int columns = shape.length == 1 ? 1 : Math.toIntExact(shape[1]);
    var whole = ByteBuffer.allocate(columns * type.bytes());
    source.read(name, (long) from * whole.capacity(), whole);
    for (int j = 0; j < pick.columns().length; j++) {
      int column = pick.columns()[j];
      for (int b = 0; b < type.bytes(); b++) {
        byte value = column == ZERO ? 0 : whole.get(column * type.bytes() + b);
        row.put(j * type.bytes() + b, value);
      }
    }
    if (pick.factor() != 1) {
      rescale(pick, type, row);
    }
  }

  private static void rescale(Pick pick, DataType type, ByteBuffer row) {
    var values = new float[pick.columns().length];
    type.decode(row.duplicate().clear(), values, 0, values.length);
    for (int j = 0; j < values.length; j++) {
      values[j] = (float) ((values[j] + pick.offset()) * pick.factor() - pick.offset());
    }
    type.encode(values, 0, values.length, row.duplicate().clear());
  }

  @Override
  public void close() {
    source.close();
  }
}
