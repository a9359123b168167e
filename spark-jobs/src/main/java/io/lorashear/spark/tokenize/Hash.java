package io.lorashear.spark.tokenize;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The first 63 bits of the SHA-256 of a text: spreads texts evenly, the same on every machine. */
final class Hash {
  private Hash() {}

  static long of(String text) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      var bytes = digest.digest(text.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(bytes).getLong() >>> 1;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The hash as a point in [0, 1). */
  static double point(String text) {
    return (of(text) >>> 10) * 0x1p-53;
  }
}
