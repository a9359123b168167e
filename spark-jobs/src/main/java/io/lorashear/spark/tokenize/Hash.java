package io.lorashear.spark.tokenize;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of a text: distributes texts evenly, equally on every machine. */
final class Hash {
  private Hash() {}

  /** The first 63 bits. */
  static long of(String text) {
    return ByteBuffer.wrap(digest(text)).getLong() >>> 1;
  }

  /** The hash as a point in [0, 1). */
  static double point(String text) {
    return (of(text) >>> 10) * 0x1p-53;
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
