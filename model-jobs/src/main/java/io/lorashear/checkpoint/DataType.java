package io.lorashear.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Element types of tensors on disk, under the names safetensors gives them. Little-endian. */
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
    var bytes = source.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = start; i < start + count; i++) {
      target[i] =
          switch (this) {
            case F32 -> bytes.getFloat();
            case BF16 -> Float.intBitsToFloat(bytes.getShort() << 16);
            case F16 -> HalfPrecision.toFloat(bytes.getShort());
            default -> throw new IllegalArgumentException(this + " is not a floating type");
          };
    }
  }

  /**
   * Writes {@code values} at {@code target}'s position, rounding to nearest even where the type is
   * narrower.
   *
   * @throws IllegalArgumentException when this type is not floating
   */
  public void encode(float[] values, int start, int count, ByteBuffer target) {
    var bytes = target.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = start; i < start + count; i++) {
      switch (this) {
        case F32 -> bytes.putFloat(values[i]);
        case BF16 -> bytes.putShort(HalfPrecision.toBrain(values[i]));
        case F16 -> bytes.putShort(HalfPrecision.fromFloat(values[i]));
        default -> throw new IllegalArgumentException(this + " is not a floating type");
      }
    }
  }
}
