package io.lorashear.checkpoint;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Compares the numbers of two tensors, which may have different types. */
public final class SameNumbers {
  private static final int PIECE = 1 << 18; // elements

  private SameNumbers() {}

  /** Compares shapes, then reads both up to the first difference. */
  public static boolean of(
      TensorSource source, String name, TensorSource otherSource, String otherName) {
    var one = source.tensor(name);
    var other = otherSource.tensor(otherName);
    boolean comparable =
        one.type() == other.type() || one.type().isFloating() && other.type().isFloating();
    if (!Arrays.equals(one.shape(), other.shape()) || !comparable) {
      return false;
    }
    for (long done = 0; done < one.elements(); done += PIECE) {
      int count = (int) Math.min(PIECE, one.elements() - done);
      var first = piece(source, one, done, count);
      var second = piece(otherSource, other, done, count);
      boolean same =
          one.type() == other.type()
              ? first.equals(second)
              : Arrays.equals(floats(one, first, count), floats(other, second, count));
      if (!same) {
        return false;
      }
    }
    return true;
  }

  private static ByteBuffer piece(TensorSource source, TensorInfo info, long start, int count) {
    var piece = ByteBuffer.allocate(count * info.type().bytes());
    source.read(info.name(), start * info.type().bytes(), piece);
    return piece.flip();
  }

  private static float[] floats(TensorInfo info, ByteBuffer piece, int count) {
    var floats = new float[count];
    info.type().decode(piece, floats, 0, count);
    return floats;
  }
}
