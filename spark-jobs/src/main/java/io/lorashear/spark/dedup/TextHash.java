package io.lorashear.spark.dedup;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** Hash of a text's words, independent of white space and case. */
public final class TextHash {
  private static final int BYTES = 16;

  /** The first and the last space character outside ASCII. */
  private static final char NO_BREAK_SPACE = '\u00a0';

  private static final char IDEOGRAPHIC_SPACE = '\u3000';

  /** Has two lower-case forms, which depend on the following character. */
  private static final char SIGMA = '\u03a3';

  /** Has two characters in lower case. */
  private static final char DOTTED_I = '\u0130';

  /**
   * Result of {@link #bytes} for a character whose lower case depends on others, or that is
   * stripped.
   */
  private static final int OTHER = 0;

  private TextHash() {}

  /** 128 bits of SHA-256 of the normalised text and response, in hexadecimal. */
  public static String of(String text, String response) {
    var digest = digest();
    if (!addUsual(text, digest) || !addSeparated(response, digest)) {
      digest.reset();
      digest.update(normalised(text));
      digest.update((byte) 0);
      digest.update(normalised(response));
    }
    return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static boolean addSeparated(String response, MessageDigest digest) {
    digest.update((byte) 0);
    return addUsual(response, digest);
  }

  /**
   * Adds the result of {@link #normalised} in one loop and in blocks, if each character of the text
   * can be converted by itself; false if not.
   */
  private static boolean addUsual(String text, MessageDigest digest) {
    var block = new byte[Math.min(1 << 13, text.length() * 3 + 3)];
    var length = 0;
    var space = false;
    var begun = false;
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      if (isSpace(c)) {
        space = begun;
        continue;
      }
      var bytes = bytes(c);
      if (bytes == OTHER) {
        return false;
      }
      if (space) {
        block[length++] = ' ';
        space = false;
      }
      begun = true;
      for (var rest = bytes; rest != 0; rest >>>= Byte.SIZE) {
        block[length++] = (byte) rest;
      }
      if (length > block.length - 4) {
        digest.update(block, 0, length);
        length = 0;
      }
    }
    digest.update(block, 0, length);
    return true;
  }

  /** The UTF-8 bytes of the character in lower case; the first is the lowest byte. */
  private static int bytes(char c) {
    if (c > ' ' && c < 0x7F) {
      return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    } else if (c < ' ' || c == SIGMA || c == DOTTED_I || Character.isSurrogate(c)) {
      return OTHER;
    }
    var small = Character.toLowerCase(c);
    if (small < 0x80) {
      return small;
    } else if (small < 0x800) {
      return 0xC0 | small >> 6 | (0x80 | small & 0x3F) << 8;
    }
    return 0xE0 | small >> 12 | (0x80 | small >> 6 & 0x3F) << 8 | (0x80 | small & 0x3F) << 16;
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
