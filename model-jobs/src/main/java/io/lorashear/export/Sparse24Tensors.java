package io.lorashear.export;

import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Matrices N.weight (out, in) with 2:4 sparsity, in the format {@code sparse-24-bitmask} of
 * compressed-tensors; other tensors are unchanged.
 *
 * <pre>
 *   N.shape       I64 (2, 1)          out, in
 *   N.compressed  (out, in/2)         the kept weights, in order
 *   N.bitmask     U8 (out, ⌈in/8⌉)    bit j mod 8 of byte ⌊j/8⌋: whether weight j is kept
 * </pre>
 *
 * If a group of four has fewer than two nonzero weights, its first zeros are stored as well.
 */
final class Sparse24Tensors implements TensorSource {
  static final String SHAPE = ".shape";
  static final String COMPRESSED = ".compressed";
  static final String BITMASK = ".bitmask";
  private static final String WEIGHT = ".weight";

  private final TensorSource source;
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, String> weights = new LinkedHashMap<>();
  private Packed last = new Packed("", ByteBuffer.allocate(0), ByteBuffer.allocate(0));

  /** A packed matrix. */
  private record Packed(String weight, ByteBuffer compressed, ByteBuffer bitmask) {}

  /**
   * A view of {@code source}.
   *
   * @param matrices names of the matrices to pack, (out, in), all with 2:4 sparsity
   */
  Sparse24Tensors(TensorSource source, Collection<String> matrices) {
    this.source = source;
    source
        .tensors()
        .forEach(
            (name, info) -> {
              if (matrices.contains(name)) {
                packed(info);
              } else {
                tensors.put(name, info);
              }
            });
  }

  private void packed(TensorInfo info) {
    var stem = stem(info.name());
    long out = info.shape()[0];
    long in = info.shape()[1];
    put(info.name(), new TensorInfo(stem + SHAPE, DataType.I64, new long[] {2, 1}));
    put(info.name(), new TensorInfo(stem + COMPRESSED, info.type(), new long[] {out, in / 2}));
    put(info.name(), new TensorInfo(stem + BITMASK, DataType.U8, new long[] {out, (in + 7) / 8}));
  }

  private void put(String weight, TensorInfo info) {
    tensors.put(info.name(), info);
    weights.put(info.name(), weight);
  }

  /** Common prefix of the names of a matrix's parts. */
  static String stem(String weight) {
    return weight.substring(0, weight.length() - WEIGHT.length());
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer target) {
    var weight = weights.get(name);
    if (weight == null) {
      source.read(name, byteOffset, target);
    } else {
      var part = part(name, weight);
      target.put(part.slice(Math.toIntExact(byteOffset), target.remaining()));
    }
  }

  private ByteBuffer part(String name, String weight) {
    if (name.endsWith(SHAPE)) {
      var shape = ByteBuffer.allocate(2 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (long extent : source.tensor(weight).shape()) {
        shape.putLong(extent);
      }
      return shape.flip();
    }
    var packed = packed(weight);
    return name.endsWith(BITMASK) ? packed.bitmask() : packed.compressed();
  }

  /**
   * The packed matrix; the last one is cached, because the parts of a matrix are read one after the
   * other, in pieces.
   */
  private synchronized Packed packed(String weight) {
    if (!last.weight().equals(weight)) {
      last = pack(weight);
    }
    return last;
  }

  private Packed pack(String weight) {
    var info = source.tensor(weight);
    var values = source.floats(weight);
    int in = (int) info.shape()[1];
    int bytes = (in + 7) / 8;
    var left = new float[values.length / 2];
    var bits = new byte[values.length / in * bytes];
    int next = 0;
    for (int first = 0; first < values.length; first += 4) {
      int row = first / in;
      for (int place : left(values, first)) {
        int column = place - row * in;
        bits[row * bytes + column / 8] |= (byte) (1 << (column % 8));
        left[next++] = values[place];
      }
    }
    var compressed = ByteBuffer.allocate(Math.multiplyExact(left.length, info.type().bytes()));
    info.type().encode(left, 0, left.length, compressed);
    return new Packed(weight, compressed.flip(), ByteBuffer.wrap(bits));
  }

  /** The two kept positions of a group, in order. */
  private static int[] left(float[] values, int first) {
    int spare = 2;
    for (int place = first; place < first + 4; place++) {
      spare -= values[place] == 0 ? 0 : 1;
    }
    var places = new int[2];
    int found = 0;
    for (int place = first; place < first + 4; place++) {
      if (values[place] != 0 || spare-- > 0) {
        places[found++] = place;
      }
    }
    return places;
  }

  @Override
  public void close() {
    source.close();
  }
}
