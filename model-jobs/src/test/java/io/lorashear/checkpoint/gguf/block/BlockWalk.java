package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;

/**
 * Blocks unpacked as ggml describes it: a walk from byte to byte that puts out number after number,
 * with masks and shifts that go along. Shares nothing with the formulas by place.
 */
final class BlockWalk {
  private final byte[] block;
  private final float[] out;
  private int written;

  private BlockWalk(byte[] block, int elements) {
    this.block = block;
    this.out = new float[elements];
  }

  static float[] of(GgmlType type, byte[] block) {
    var walk = new BlockWalk(block, type.blockElements());
    switch (type) {
      case Q4_0 -> walk.small(2, false, 8, false);
      case Q4_1 -> walk.small(4, false, 0, true);
      case Q5_0 -> walk.small(2, true, 16, false);
      case Q5_1 -> walk.small(4, true, 0, true);
      case Q8_0 -> walk.bytes(2, walk.half(0));
      case Q8_K -> walk.bytes(4, Float.intBitsToFloat(walk.word(0)));
      case Q2_K -> walk.twoBits();
      case Q3_K -> walk.threeBits();
      case Q4_K -> walk.pairs(false);
      case Q5_K -> walk.pairs(true);
      case Q6_K -> walk.sixBits();
      default -> throw new AssertionError(type);
    }
    return walk.out;
  }

  private int at(int i) {
    return Byte.toUnsignedInt(block[i]);
  }

  private int word(int i) {
    return at(i) | at(i + 1) << 8 | at(i + 2) << 16 | at(i + 3) << 24;
  }

  private float half(int i) {
    return HalfPrecision.toFloat((short) (at(i) | at(i + 1) << 8));
  }

  private void put(float number) {
    out[written++] = number;
  }

  private void bytes(int start, float d) {
    for (int i = 0; i < out.length; i++) {
      put(block[start + i] * d);
    }
  }

  /** First all low halves, then all high ones. */
  private void small(int head, boolean fifth, int middle, boolean withLeast) {
    int bits = fifth ? word(head) : 0;
    int start = fifth ? head + 4 : head;
    for (int i = 0; i < 32; i++) {
      int q = i < 16 ? at(start + i) % 16 : at(start + i - 16) / 16;
      if (Integer.remainderUnsigned(bits, 2) == 1) {
        q += 16;
      }
      bits >>>= 1;
      float number = (q - middle) * half(0);
      put(withLeast ? number + half(2) : number);
    }
  }

  private void twoBits() {
    float d = half(80);
    float least = half(82);
    int is = 0;
    int q = 16;
    for (int n = 0; n < 256; n += 128) {
      for (int shift = 0; shift < 8; shift += 2) {
        for (int side = 0; side < 32; side += 16) {
          int sc = at(is++);
          float dl = d * (sc & 0xF);
          float ml = least * (sc >> 4);
          for (int l = 0; l < 16; l++) {
            put(dl * (at(q + side + l) >> shift & 3) - ml);
          }
        }
      }
      q += 32;
    }
  }

  private void threeBits() {
    int[] words = {word(96), word(100), word(104), 0};
    int tmp = words[2];
    words[2] = words[0] >>> 4 & 0x0f0f0f0f | (tmp >>> 4 & 0x03030303) << 4;
    words[3] = words[1] >>> 4 & 0x0f0f0f0f | (tmp >>> 6 & 0x03030303) << 4;
    words[0] = words[0] & 0x0f0f0f0f | (tmp & 0x03030303) << 4;
    words[1] = words[1] & 0x0f0f0f0f | (tmp >>> 2 & 0x03030303) << 4;
    int is = 0;
    int mask = 1;
    int q = 32;
    for (int n = 0; n < 256; n += 128) {
      for (int shift = 0; shift < 8; shift += 2) {
        for (int side = 0; side < 32; side += 16) {
          int scale = words[is / 4] >>> 8 * (is % 4) & 0xff;
          float dl = half(108) * (scale - 32);
          for (int l = 0; l < 16; l++) {
            int low = (at(q + side + l) >> shift & 3) - ((at(side + l) & mask) != 0 ? 0 : 4);
            put(dl * low);
          }
          is++;
        }
        mask <<= 1;
      }
      q += 32;
    }
  }

  private void pairs(boolean fifth) {
    int q = fifth ? 48 : 16;
    int bit = 1;
    for (int j = 0; j < 8; j++) {
      int d;
      int m;
      if (j < 4) {
        d = at(4 + j) & 63;
        m = at(4 + j + 4) & 63;
      } else {
        d = at(4 + j + 4) & 0xF | at(4 + j - 4) >> 6 << 4;
        m = at(4 + j + 4) >> 4 | at(4 + j) >> 6 << 4;
      }
      float scale = half(0) * d;
      float least = half(2) * m;
      for (int l = 0; l < 32; l++) {
        int number = j % 2 == 0 ? at(q + l) & 0xF : at(q + l) >> 4;
        if (fifth && (at(16 + l) & bit) != 0) {
          number += 16;
        }
        put(scale * number - least);
      }
      bit <<= 1;
      q += j % 2 == 0 ? 0 : 32;
    }
  }

  private void sixBits() {
    float d = half(208);
    int ql = 0;
    int qh = 128;
    int sc = 192;
    for (int n = 0; n < 256; n += 128) {
      for (int l = 0; l < 32; l++) {
        int is = l / 16;
        int q1 = (at(ql + l) & 0xF | (at(qh + l) & 3) << 4) - 32;
        int q2 = (at(ql + l + 32) & 0xF | (at(qh + l) >> 2 & 3) << 4) - 32;
        int q3 = (at(ql + l) >> 4 | (at(qh + l) >> 4 & 3) << 4) - 32;
        int q4 = (at(ql + l + 32) >> 4 | (at(qh + l) >> 6 & 3) << 4) - 32;
        out[n + l] = d * block[sc + is] * q1;
        out[n + l + 32] = d * block[sc + is + 2] * q2;
        out[n + l + 64] = d * block[sc + is + 4] * q3;
        out[n + l + 96] = d * block[sc + is + 6] * q4;
      }
      ql += 64;
      qh += 32;
      sc += 8;
    }
  }
}
