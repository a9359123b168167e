package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;

/**
 * Q6_K: sixteen groups of sixteen numbers.
 *
 * <pre>
 *   u4 q[256] │ u2 h[256] │ i8 s[16] │ f16 d          x_j = d·s_g·(q_j + 16·h_j − 32)      g = j/16
 *   with c = j/128, r = j/32 mod 4, i = j mod 32:
 *   q_j is the half r/2 of byte 64·c + 32·(r mod 2) + i, h_j the quarter r of byte 32·c + i
 *
 *   written:  S_g the group's {@link ScaleFit} with Q = 32, S the first of those farthest from zero
 *   d = −S/128     s_g = S_g/d to nearest, at most 127     q_j + 16·h_j − 32 = x_j/(d·s_g) to nearest
 * </pre>
 */
final class Q6K implements BlockCodec {
  private static final int QUARTERS = 128;
  private static final int SCALES = 192;
  private static final int FACTOR = 208;

  @Override
  public int elements() {
    return 256;
  }

  @Override
  public int bytes() {
    return 210;
  }

  @Override
  public void decode(ByteBuffer source, float[] target, int start) {
    int block = source.position();
    float d = HalfPrecision.toFloat(source.getShort(block + FACTOR));
    for (int j = 0; j < 256; j++) {
      int c = j / 128;
      int r = j / 32 % 4;
      int i = j % 32;
      float scale = d * source.get(block + SCALES + j / 16);
      int q = source.get(block + 64 * c + 32 * (r % 2) + i) >>> 4 * (r / 2) & 15;
      int h = source.get(block + QUARTERS + 32 * c + i) >>> 2 * r & 3;
      target[start + j] = scale * (q + 16 * h - 32);
    }
    source.position(block + bytes());
  }

  @Override
  public void encode(float[] numbers, int start, ByteBuffer target) {
    var scales = new float[16];
    for (int g = 0; g < 16; g++) {
      scales[g] = ScaleFit.of(numbers, start + 16 * g, 16, 32);
    }
    float d = Extremes.farthest(scales, 0, 16) / -128;
    var codes = new int[256];
    var s = new byte[16];
    for (int g = 0; g < 16; g++) {
      s[g] = (byte) (d == 0 ? 0 : Math.min(127, ScaleFit.nearest(scales[g] / d)));
      float scale = HalfPrecision.round(d) * s[g];
      for (int j = 16 * g; j < 16 * g + 16; j++) {
        int code = scale == 0 ? 0 : ScaleFit.nearest(numbers[start + j] / scale);
        codes[j] = Math.max(-32, Math.min(31, code)) + 32;
      }
    }
    put(codes, s, d, target);
  }

  private static void put(int[] codes, byte[] s, float d, ByteBuffer target) {
    for (int j = 0; j < 256; j += j % 64 == 63 ? 65 : 1) { // the first two quarters of each half
      target.put((byte) (codes[j] & 15 | (codes[j + 64] & 15) << 4));
    }
    for (int j = 0; j < 256; j += j % 32 == 31 ? 97 : 1) { // the first quarter of each half
      int high = codes[j] >>> 4 | codes[j + 32] >>> 4 << 2;
      target.put((byte) (high | codes[j + 64] >>> 4 << 4 | codes[j + 96] >>> 4 << 6));
    }
    target.put(s).putShort(HalfPrecision.fromFloat(d));
  }
}
