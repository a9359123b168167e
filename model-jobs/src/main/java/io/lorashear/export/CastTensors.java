package io.lorashear.export;

import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Some floating tensors of a source in one number type, rounded to nearest where it is narrower.
 */
final class CastTensors implements TensorSource {
  private static final int PIECE = 1 << 16;

  private final TensorSource source;
  private final DataType type;
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

  CastTensors(TensorSource source, Collection<String> names, DataType type) {
    this.source = source;
    this.type = type;
    for (var name : names) {
      tensors.put(name, new TensorInfo(name, type, source.tensor(name).shape()));
    }
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer target) {
    var from = source.tensor(name).type();
    if (from == type) {
      source.read(name, byteOffset, target);
      return;
    }
    if (byteOffset % type.bytes() != 0 || target.remaining() % type.bytes() != 0) {
      throw new IllegalArgumentException("pieces of " + name + " must be whole numbers");
    }
    long element = byteOffset / type.bytes();
    var numbers = new float[PIECE];
    var stored = ByteBuffer.allocate(PIECE * from.bytes());
    while (target.hasRemaining()) {
      int count = Math.min(PIECE, target.remaining() / type.bytes());
      stored.clear().limit(count * from.bytes());
      source.read(name, element * from.bytes(), stored);
      from.decode(stored.flip(), numbers, 0, count);
      type.encode(numbers, 0, count, target);
      element += count;
    }
  }

  @Override
  public void close() {
    source.close();
  }
}
