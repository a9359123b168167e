package io.lorashear.checkpoint;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Tensors in memory, in order of insertion; each below 2 GiB. */
public final class InMemoryTensors implements TensorSource {
  private final Map<String, TensorInfo> infos = new LinkedHashMap<>();
  private final Map<String, ByteBuffer> contents = new LinkedHashMap<>();

  public InMemoryTensors() {}

  /** The given tensors; each buffer's remaining bytes are the tensor's, little-endian. */
  public InMemoryTensors(Map<TensorInfo, ByteBuffer> tensors) {
    tensors.forEach(this::put);
  }

  /** Adds or replaces a tensor; the remaining bytes of {@code content} are not copied. */
  public InMemoryTensors put(TensorInfo info, ByteBuffer content) {
    if (content.remaining() != info.bytes()) {
      throw new IllegalArgumentException(info + " does not take " + content.remaining() + " bytes");
    }
    infos.put(info.name(), info);
    contents.put(info.name(), content.slice());
    return this;
  }

  /** Adds or replaces an F32 tensor. */
  public InMemoryTensors put(String name, float[] values, long... shape) {
    var content = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
    DataType.F32.encode(values, 0, values.length, content);
    return put(new TensorInfo(name, DataType.F32, shape), content.flip());
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(infos);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer target) {
    tensor(name);
    var content = Objects.requireNonNull(contents.get(name));
    target.put(content.slice(Math.toIntExact(byteOffset), target.remaining()));
  }

  @Override
  public void close() {}
}
