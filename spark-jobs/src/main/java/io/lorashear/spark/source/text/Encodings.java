package io.lorashear.spark.source.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** Decodes bytes strictly: bytes that are invalid in an encoding are never silently replaced. */
public final class Encodings {
  /** One zero byte in so many may be the lower byte of a character. */
  private static final int FEW = 20;

  private static final Charset UTF_32LE = Charset.forName("UTF-32LE");
  private static final Charset UTF_32BE = Charset.forName("UTF-32BE");
  private static final Pattern LINE_END = Pattern.compile("\\r*\\n|\\r");

  private Encodings() {}

  /** The text, if {@code bytes} are UTF-8, or UTF-16 or UTF-32 with a byte-order mark. */
  public static Optional<String> unicode(byte[] bytes) {
    return decode(bytes, marked(bytes).orElse(StandardCharsets.UTF_8));
  }

  /** The encoding given by a byte-order mark, else by the positions of zero bytes, else UTF-8. */
  public static Charset charset(byte[] first) {
    return marked(first).or(() -> byZeros(first)).orElse(StandardCharsets.UTF_8);
  }

  private static Optional<Charset> marked(byte[] first) {
    if (first.length >= 4 && begins(first, 0xff, 0xfe, 0, 0)) {
      return Optional.of(UTF_32LE);
    } else if (first.length >= 4 && begins(first, 0, 0, 0xfe, 0xff)) {
      return Optional.of(UTF_32BE);
    } else if (begins(first, 0xff, 0xfe)) {
      return Optional.of(StandardCharsets.UTF_16LE);
    }
    return begins(first, 0xfe, 0xff) ? Optional.of(StandardCharsets.UTF_16BE) : Optional.empty();
  }

  private static boolean begins(byte[] bytes, int... magic) {
    for (var i = 0; i < magic.length; i++) {
      if (bytes.length <= i || (bytes[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * The encoding by the positions of zero bytes: in UTF-16 and UTF-32, spaces and Latin letters
   * have zeros in their upper bytes and hardly elsewhere; in UTF-8, a zero is a character that text
   * does not contain, at any position.
   */
  private static Optional<Charset> byZeros(byte[] first) {
    var zeros = new int[4];
    for (var i = 0; i < first.length; i++) {
      zeros[i % 4] += first[i] == 0 ? 1 : 0;
    }
    var units = first.length / 4;
    var even = zeros[0] + zeros[2];
    var odd = zeros[1] + zeros[3];
    if (even + odd < Math.min(units + 1, Math.max(8, units / 25))) {
      return Optional.empty();
    } else if (zeros[0] >= units && zeros[1] * 2 > units && zeros[3] < units) {
      return Optional.of(UTF_32BE);
    } else if (zeros[3] >= units && zeros[2] * 2 > units && zeros[0] < units) {
      return Optional.of(UTF_32LE);
    } else if (even <= odd / FEW) {
      return Optional.of(StandardCharsets.UTF_16LE);
    }
    return odd <= even / FEW ? Optional.of(StandardCharsets.UTF_16BE) : Optional.empty();
  }

  /** The text with all line ends as line feeds, including line ends that were converted twice. */
  public static String lineFeeds(String text) {
    return text.indexOf('\r') < 0 ? text : LINE_END.matcher(text).replaceAll("\n");
  }

  /** The text without its byte-order mark; empty if a byte is invalid in this encoding. */
  public static Optional<String> decode(byte[] bytes, Charset charset) {
    try {
      var text = strictly(bytes, charset);
      return Optional.of(text.startsWith("\ufeff") ? text.substring(1) : text);
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /**
   * Decodes strictly. Java's faster method replaces invalid UTF-8 by U+FFFD; if the result contains
   * none, the bytes were valid.
   */
  private static String strictly(byte[] bytes, Charset charset) throws CharacterCodingException {
    var quick = charset.equals(StandardCharsets.UTF_8) ? new String(bytes, charset) : "\ufffd";
    return quick.indexOf('\ufffd') < 0
        ? quick
        : charset
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(ByteBuffer.wrap(bytes))
            .toString();
  }
}
