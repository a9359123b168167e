package io.lorashear.checkpoint;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** The same tensors under other names. */
public final class RenamedTensors implements TensorSource {
  private final TensorSource source;
  private final Map<String, String> original;
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

  /** The tensors named by the values of {@code original}, renamed to its keys. */
  public RenamedTensors(TensorSource source, Map<String, String> original) {
    this.source = source;
    this.original = original;
    original.forEach((name, old) -> tensors.put(name, source.tensor(old).named(name)));
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer target) {
    tensor(name);
    source.read(Objects.requireNonNull(original.get(name)), byteOffset, target);
  }

  @Override
  public void close() {
    source.close();
  }
}
