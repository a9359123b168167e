package io.lorashear.export;

import static io.lorashear.export.Sparse24Tensors.BITMASK;
import static io.lorashear.export.Sparse24Tensors.COMPRESSED;
import static io.lorashear.export.Sparse24Tensors.SHAPE;

import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The dense matrices of {@link Sparse24Tensors}: every weight that was not kept is zero. */
final class Unpacked24Tensors implements TensorSource {
  private final TensorSource stored;
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, String> stems = new LinkedHashMap<>();
  private String last = "";
  private ByteBuffer whole = ByteBuffer.allocate(0);

  Unpacked24Tensors(TensorSource stored) {
    this.stored = stored;
    for (var info : stored.tensors().values()) {
      var name = info.name();
      if (name.endsWith(COMPRESSED)) {
        var stem = name.substring(0, name.length() - COMPRESSED.length());
        stems.put(stem + ".weight", stem);
        tensors.put(
            stem + ".weight", new TensorInfo(stem + ".weight", info.type(), shape(stem + SHAPE)));
      } else if (!name.endsWith(BITMASK) && !name.endsWith(SHAPE)) {
        tensors.put(name, info);
      }
    }
  }

  private long[] shape(String name) {
    var bytes = bytes(name).asLongBuffer();
    return new long[] {bytes.get(), bytes.get()};
  }

  private ByteBuffer bytes(String name) {
    var bytes = ByteBuffer.allocate(Math.toIntExact(stored.tensor(name).bytes()));
    stored.read(name, 0, bytes);
    return bytes.flip().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public synchronized void read(String name, long byteOffset, ByteBuffer target) {
    var stem = stems.get(name);
    if (stem == null) {
      stored.read(name, byteOffset, target);
      return;
    }
    if (!last.equals(name)) {
      whole = unpacked(tensor(name), stem);
      last = name;
    }
    target.put(whole.slice(Math.toIntExact(byteOffset), target.remaining()));
  }

  private ByteBuffer unpacked(TensorInfo info, String stem) {
    var left = stored.floats(stem + COMPRESSED);
    var bits = bytes(stem + BITMASK);
    int in = (int) info.shape()[1];
    int bytes = (in + 7) / 8;
    var values = new float[(int) info.elements()];
    int next = 0;
    for (int place = 0; place < values.length; place++) {
      int column = place % in;
      int mask = bits.get(place / in * bytes + column / 8);
      values[place] = (mask >> (column % 8) & 1) == 1 ? left[next++] : 0;
    }
    var unpacked = ByteBuffer.allocate(Math.toIntExact(info.bytes()));
    info.type().encode(values, 0, values.length, unpacked);
    return unpacked.flip();
  }

  @Override
  public void close() {
    stored.close();
  }
}
