package io.lorashear.checkpoint.safetensors;

import io.lorashear.InputException;
import io.lorashear.checkpoint.MappedFile;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * One memory-mapped safetensors file: opening reads only the header, whatever the size of the file.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
public final class Safetensors implements TensorSource {
  private final MappedFile file;
  private final SafetensorsHeader header;
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

  private Safetensors(MappedFile file) {
    this.file = file;
    this.header = SafetensorsHeader.read(file);
    header.entries().forEach((name, entry) -> tensors.put(name, entry.info()));
  }

  /**
   * Opens a file and checks its whole header.
   *
   * @throws InputException if the file is missing or truncated, or if its header contradicts itself
   */
  public static Safetensors open(Path path) {
    return new Safetensors(MappedFile.open(path));
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer target) {
    long length = tensor(name).bytes();
    Objects.checkFromIndexSize(byteOffset, target.remaining(), length);
    var entry = Objects.requireNonNull(header.entries().get(name));
    file.read(header.dataStart() + entry.begin() + byteOffset, target);
  }

  @Override
  public void close() {
    file.close();
  }
}
