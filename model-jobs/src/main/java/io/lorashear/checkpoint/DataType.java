package io.lorashear.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Element types of tensors in files, by their names in safetensors. Little-endian. */
public enum DataType {
  F32(4),
  F16(2),
  BF16(2),
  I64(8),
  I32(4),
  I8(1),
  U8(1),
  BOOL(1);

  private final int bytes;

  DataType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether elements are F32, F16 or BF16. */
  public boolean isFloating() {
    return this == F32 || this == F16 || this == BF16;
  }

  /**
   * Reads {@code count} floating elements from {@code source}'s position on into {@code target}
   * from {@code start} on; exact for all three floating types.
   *
   * @throws IllegalArgumentException when this type is not floating
   */
  public void decode(ByteBuffer source, float[] target, int start, int count) {
    requireFloating();
    var bytes = source.order(ByteOrder.LITTLE_ENDIAN);
    if (this == F32) {
      bytes.asFloatBuffer().get(target, start, count);
    } else {
      var numbers = bytes.asShortBuffer();
      for (int i = 0; i < count; i++) {
        target[start + i] = widened(numbers.get(i));
      }
    }
    bytes.position(bytes.position() + count * this.bytes);
  }

  private float widened(short number) {
    return this == BF16 ? Float.intBitsToFloat(number << 16) : HalfPrecision.toFloat(number);
  }

  /**
   * Writes {@code values} at {@code target}'s position, rounding to nearest even if the type is
   * narrower.
   *
   * @throws IllegalArgumentException when this type is not floating
   */
  public void encode(float[] values, int start, int count, ByteBuffer target) {
    requireFloating();
    var bytes = target.order(ByteOrder.LITTLE_ENDIAN);
    if (this == F32) {
      bytes.asFloatBuffer().put(values, start, count);
    } else {
      var numbers = bytes.asShortBuffer();
      for (int i = 0; i < count; i++) {
        numbers.put(i, narrowed(values[start + i]));
      }
    }
    bytes.position(bytes.position() + count * this.bytes);
  }

  private short narrowed(float value) {
    return this == BF16 ? HalfPrecision.toBrain(value) : HalfPrecision.fromFloat(value);
  }

  /** The nearest number of this type to {@code value}; infinity on overflow. */
  float nearest(float value) {
    return this == F32 ? value : widened(narrowed(value));
  }

  /** The largest number of this type. */
  float largest() {
    return switch (this) {
      case F32 -> Float.MAX_VALUE;
      case BF16 -> Float.intBitsToFloat(0x7f7f_0000);
      case F16 -> 65504;
      default -> throw new IllegalArgumentException(this + " is not a floating type");
    };
  }

  private void requireFloating() {
    if (!isFloating()) {
      throw new IllegalArgumentException(this + " is not a floating type");
    }
  }
}
