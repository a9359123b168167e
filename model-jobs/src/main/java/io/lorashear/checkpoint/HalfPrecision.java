package io.lorashear.checkpoint;

/** Converts between IEEE 754 binary16, bfloat16 and binary32, rounding to nearest, ties to even. */
public final class HalfPrecision {
  private static final int SIGN = 0x8000;
  private static final float SUBNORMAL_UNIT = 0x1p-24f;
  private static final float OVERFLOW = 65520f; // half way between the largest half and 2^16

  private HalfPrecision() {}

  public static float toFloat(short half) {
    int magnitude = half & 0x7fff;
    float value;
    if (magnitude >= 0x7c00) {
      value = Float.intBitsToFloat(0x7f80_0000 | (magnitude & 0x3ff) << 13);
    } else if (magnitude < 0x400) {
      value = magnitude * SUBNORMAL_UNIT;
    } else {
      value = Float.intBitsToFloat((magnitude << 13) + (112 << 23));
    }
    return (half & SIGN) == 0 ? value : -value;
  }

  public static short fromFloat(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 16 & SIGN;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= OVERFLOW) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x1p-14f) {
      return (short) (sign | (int) Math.rint(magnitude / SUBNORMAL_UNIT));
    }
    return (short) (sign | roundedShift(Float.floatToRawIntBits(magnitude) - (112 << 23), 13));
  }

  /** The binary16 number nearest to {@code value}. */
  public static float round(float value) {
    return toFloat(fromFloat(value));
  }

  public static short toBrain(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.isNaN(value) ? (short) (bits >>> 16 | 0x40) : (short) roundedShift(bits, 16);
  }

  private static int roundedShift(int bits, int places) {
    int odd = bits >>> places & 1;
    return bits + (1 << places - 1) - 1 + odd >>> places;
  }
}
