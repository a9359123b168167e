package io.lorashear.spark.dedup;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** What makes two texts the same: their words, whatever the white space and the capitals. */
public final class TextHash {
  private static final int BYTES = 16;

  /** The first and the last space beyond ASCII. */
  private static final char NO_BREAK_SPACE = '\u00a0';

  private static final char IDEOGRAPHIC_SPACE = '\u3000';

  private TextHash() {}

  /** 128 bits of SHA-256 of the normalised text and response, in hexadecimal. */
  public static String of(String text, String response) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      digest.update(normalised(text));
      digest.update((byte) 0);
      digest.update(normalised(response));
      return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static byte[] normalised(String text) {
    var words = new StringBuilder(text.length());
    var space = false;
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      if (!isSpace(c)) {
        words.append(c);
        space = false;
      } else if (!space) {
        words.append(' ');
        space = true;
      }
    }
    return words.toString().strip().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isSpace(char c) {
    return c == ' '
        || c >= '\t' && c <= '\r'
        || c >= NO_BREAK_SPACE && c <= IDEOGRAPHIC_SPACE && Character.isSpaceChar(c);
  }
}
