package io.lorashear.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Converts some floating tensors of a source to other number types. Weights that are written to
 * files are rounded only here: once, to nearest, ties to even.
 *
 * <pre>
 *   y = x              if the type of y can represent x
 *   y = nearest(x)     counted, and also counted as zeroed if it becomes zero
 *   refused            if x is finite and nearest(x) is not
 * </pre>
 */
public final class CastTensors implements TensorSource {
  private static final int PIECE = 1 << 16;

  private final TensorSource source;
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final AtomicLong rounded = new AtomicLong();
  private final AtomicLong zeroed = new AtomicLong();

  /**
   * Converts the tensors of {@code types}, each to its type; tensors of integer types keep theirs.
   */
  public CastTensors(TensorSource source, Map<String, DataType> types) {
    this.source = source;
    types.forEach(
        (name, type) -> {
          var info = source.tensor(name);
          var own = info.type().isFloating() ? type : info.type();
          tensors.put(name, new TensorInfo(name, own, info.shape()));
        });
  }

  /** Converts the tensors {@code names} to one type. */
  public CastTensors(TensorSource source, Collection<String> names, DataType type) {
    this(source, alike(names, type));
  }

  private static Map<String, DataType> alike(Collection<String> names, DataType type) {
    var types = new LinkedHashMap<String, DataType>();
    names.forEach(name -> types.put(name, type));
    return types;
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /**
   * {@inheritDoc}
   *
   * @throws InputException if a number is too large for its type
   */
  @Override
  public void read(String name, long byteOffset, ByteBuffer target) {
    var from = source.tensor(name).type();
    var type = tensor(name).type();
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
      look(name, type, numbers, count);
      type.encode(numbers, 0, count, target);
      element += count;
    }
  }

  private void look(String name, DataType type, float[] numbers, int count) {
    if (type == DataType.F32) {
      return;
    }
    int others = 0;
    int zeros = 0;
    for (int i = 0; i < count; i++) {
      float nearest = type.nearest(numbers[i]);
      if (nearest != numbers[i] && !Float.isNaN(numbers[i])) {
        if (Float.isInfinite(nearest)) {
          throw new InputException(
              "the weight %s holds %s, which is too large for %s (at most %s): choose float32 or"
                  + " bfloat16",
              name, numbers[i], OutputType.name(type), type.largest());
        }
        others++;
        zeros += nearest == 0 ? 1 : 0;
      }
    }
    rounded.addAndGet(others);
    zeroed.addAndGet(zeros);
  }

  /** Number of values read so far that rounding changed. */
  public long rounded() {
    return rounded.get();
  }

  /** Number of those that became zero. */
  public long zeroed() {
    return zeroed.get();
  }

  /** Counts by type and by effect of rounding, once everything was read. */
  public ObjectNode report() {
    var counts = new TreeMap<String, Long>();
    for (var info : tensors.values()) {
      counts.merge(OutputType.name(info.type()), info.elements(), Long::sum);
    }
    var json = JsonFile.object();
    var types = json.putObject("types");
    counts.forEach(types::put);
    return json.put("rounded", rounded()).put("becameZero", zeroed());
  }

  @Override
  public void close() {
    source.close();
  }
}
