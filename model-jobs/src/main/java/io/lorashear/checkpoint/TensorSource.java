package io.lorashear.checkpoint;

import io.lorashear.InputException;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Named tensors that can be read piece by piece: a file, a part of a model, the result of a
 * computation. Reading is safe from several threads; after {@link #close} nothing may be read.
 */
public interface TensorSource extends AutoCloseable {

  /** The tensors by name, in a fixed order. */
  Map<String, TensorInfo> tensors();

  /**
   * Fills {@code target} from its position to its limit with the little-endian bytes of the tensor
   * {@code name} that start at {@code byteOffset}.
   *
   * @throws InputException if there is no such tensor
   * @throws IndexOutOfBoundsException if the tensor ends before the target is full
   */
  void read(String name, long byteOffset, ByteBuffer target);

  /** Closes open files. */
  @Override
  void close();

  /**
   * The tensor called {@code name}.
   *
   * @throws InputException when there is none
   */
  default TensorInfo tensor(String name) {
    var info = tensors().get(name);
    if (info == null) {
      throw new InputException("the model has no tensor %s", name);
    }
    return info;
  }

  /**
   * The whole of a floating tensor as binary32, slowest dimension first.
   *
   * @throws InputException when the tensor is missing, not floating or above 2^31 − 1 elements
   */
  default float[] floats(String name) {
    var info = tensor(name);
    if (!info.type().isFloating() || info.elements() > Integer.MAX_VALUE - 8) {
      throw new InputException("the tensor %s cannot be read as one array of numbers", info);
    }
    var values = new float[(int) info.elements()];
    var chunk = ByteBuffer.allocate((int) Math.min(info.bytes(), 1 << 20));
    for (int done = 0; done < values.length; ) {
      int count = Math.min(values.length - done, chunk.capacity() / info.type().bytes());
      chunk.clear().limit(count * info.type().bytes());
      read(name, (long) done * info.type().bytes(), chunk);
      info.type().decode(chunk.flip(), values, done, count);
      done += count;
    }
    return values;
  }
}
