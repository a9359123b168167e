package io.lorashear.corpus;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Sort key of a sequence in a random order of all sequences. It depends on the seed, the pass and
 * the id alone, so that the draw does not depend on files, tasks or machines.
 */
public final class DrawKey {
  private DrawKey() {}

  /**
   * The first 128 bits of sha256(seed, pass, id) as 32 hexadecimal digits; keys compare as text.
   *
   * @param pass number of times that the pool has been used up; every pass has its own order
   */
  public static String of(long seed, int pass, String id) {
    var text = seed + "/" + pass + "/" + id;
    return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)), 0, 16);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
