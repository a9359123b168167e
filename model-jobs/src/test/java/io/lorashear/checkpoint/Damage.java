package io.lorashear.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/** Damages a file as bad disks, cut copies and attackers do. */
final class Damage {
  private static final long[] NUMBERS = {
    0, 1, -1, 1L << 60, 1L << 31, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, 1 << 20, 100_000_000
  };

  private final Random random;

  Damage(Random random) {
    this.random = random;
  }

  /** A damaged copy of {@code whole}, in three of four cases damaged in its first half. */
  byte[] of(byte[] whole) {
    var bytes = whole.clone();
    int times = 1 + random.nextInt(3);
    for (int i = 0; i < times && bytes.length > 16; i++) {
      bytes = once(bytes);
    }
    return bytes;
  }

  private byte[] once(byte[] bytes) {
    int at = place(bytes.length - 8);
    switch (random.nextInt(7)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt();
      case 2 -> number(bytes).putInt(at, (int) NUMBERS[random.nextInt(NUMBERS.length)]);
      case 3 -> number(bytes).putLong(at, NUMBERS[random.nextInt(NUMBERS.length)]);
      case 4 -> {
        return Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length));
      }
      case 5 -> {
        return spliced(bytes, at, at, Arrays.copyOfRange(bytes, at / 2, at));
      }
      default -> {
        return spliced(bytes, at, Math.min(bytes.length, at + random.nextInt(64)), new byte[0]);
      }
    }
    return bytes;
  }

  private int place(int end) {
    return random.nextInt(4) == 0 ? random.nextInt(end) : random.nextInt(end / 2 + 1);
  }

  private static ByteBuffer number(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] spliced(byte[] bytes, int from, int to, byte[] instead) {
    var all = ByteBuffer.allocate(bytes.length - (to - from) + instead.length);
    all.put(bytes, 0, from).put(instead).put(bytes, to, bytes.length - to);
    return all.array();
  }
}
