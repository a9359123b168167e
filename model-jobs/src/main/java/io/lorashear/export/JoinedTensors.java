package io.lorashear.export;

import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** The tensors of two sources whose names are disjoint. */
record JoinedTensors(TensorSource first, TensorSource second) implements TensorSource {
  @Override
  public Map<String, TensorInfo> tensors() {
    var all = new LinkedHashMap<>(first.tensors());
    all.putAll(second.tensors());
    return all;
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer target) {
    (first.tensors().containsKey(name) ? first : second).read(name, byteOffset, target);
  }

  @Override
  public void close() {
    first.close();
    second.close();
  }
}
