package io.lorashear.train;

import ai.djl.ndarray.NDArray;
import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.torch.engine.HostArrays;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Live float32 arrays as tensors to write; one at a time is copied out of the engine. */
final class LiveTensors implements TensorSource {
  private final Map<String, NDArray> arrays;
  private final Map<String, TensorInfo> infos = new LinkedHashMap<>();
  private String held = "";
  private ByteBuffer bytes = ByteBuffer.allocate(0);

  LiveTensors(Map<String, NDArray> arrays) {
    this.arrays = arrays;
    arrays.forEach(
        (name, array) ->
            infos.put(name, new TensorInfo(name, DataType.F32, array.getShape().getShape())));
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(infos);
  }

  @Override
  public synchronized void read(String name, long byteOffset, ByteBuffer target) {
    if (!name.equals(held)) {
      bytes = HostArrays.bytes(Objects.requireNonNull(arrays.get(name)));
      held = name;
    }
    target.put(bytes.slice(bytes.position() + (int) byteOffset, target.remaining()));
  }

  @Override
  public void close() {}
}
