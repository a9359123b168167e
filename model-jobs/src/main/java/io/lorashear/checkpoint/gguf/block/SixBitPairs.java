package io.lorashear.checkpoint.gguf.block;

import java.nio.ByteBuffer;

/**
 * Eight scales s_g and eight offsets m_g of six bits each in twelve bytes b, as stored by Q4_K and
 * Q5_K.
 *
 * <pre>
 *   g &lt; 4    s_g: low six bits of b_g         m_g: low six bits of b_{g+4}
 *   g ≥ 4    s_g: low half of b_{g+4}         m_g: high half of b_{g+4}
 *            and the high two bits of b_{g−4}      and the high two bits of b_g
 * </pre>
 */
final class SixBitPairs {
  static final int BYTES = 12;

  private SixBitPairs() {}

  static int scale(ByteBuffer source, int at, int g) {
    return g < 4
        ? source.get(at + g) & 63
        : source.get(at + g + 4) & 15 | (source.get(at + g - 4) >>> 6 & 3) << 4;
  }

  static int offset(ByteBuffer source, int at, int g) {
    return g < 4
        ? source.get(at + g + 4) & 63
        : source.get(at + g + 4) >>> 4 & 15 | (source.get(at + g) >>> 6 & 3) << 4;
  }

  /** Writes the twelve bytes of scales {@code s} and offsets {@code m}, 0 … 63. */
  static void put(int[] s, int[] m, ByteBuffer target) {
    for (int g = 0; g < 4; g++) {
      target.put((byte) (s[g] | s[g + 4] >>> 4 << 6));
    }
    for (int g = 0; g < 4; g++) {
      target.put((byte) (m[g] | m[g + 4] >>> 4 << 6));
    }
    for (int g = 4; g < 8; g++) {
      target.put((byte) (s[g] & 15 | (m[g] & 15) << 4));
    }
  }
}
