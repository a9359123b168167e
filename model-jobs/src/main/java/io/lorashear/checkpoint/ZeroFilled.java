package io.lorashear.checkpoint;

import io.lorashear.graph.ModelGraph;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tensors of a model, with zeros for parameters of its graph that are missing. */
public final class ZeroFilled implements TensorSource {
  private final TensorSource given;
  private final Map<String, TensorInfo> zeros = new LinkedHashMap<>();

  /** All parameters of {@code graph}; those that {@code given} lacks are zero, in float32. */
  public ZeroFilled(TensorSource given, ModelGraph graph) {
    this.given = given;
    for (var parameter : graph.parameters().values()) {
      if (!given.tensors().containsKey(parameter.name())) {
        var name = parameter.name();
        zeros.put(name, new TensorInfo(name, DataType.F32, parameter.shape()));
      }
    }
  }

  /** Number of added elements. */
  public long elements() {
    return zeros.values().stream().mapToLong(TensorInfo::elements).sum();
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    var all = new LinkedHashMap<>(given.tensors());
    all.putAll(zeros);
    return Collections.unmodifiableMap(all);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer target) {
    if (!zeros.containsKey(name)) {
      given.read(name, byteOffset, target);
      return;
    }
    if (byteOffset + target.remaining() > tensor(name).bytes()) {
      throw new IndexOutOfBoundsException(name + " ends before byte " + byteOffset);
    }
    while (target.hasRemaining()) {
      target.put((byte) 0);
    }
  }

  @Override
  public void close() {
    given.close();
  }
}
