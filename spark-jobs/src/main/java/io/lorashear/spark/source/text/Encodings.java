package io.lorashear.spark.source.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** Bytes to text, strictly: what is not text in an encoding is never replaced in silence. */
public final class Encodings {
  /** What files that say ISO-8859-1 are mostly written in; the same where both are defined. */
  private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

  private static final Pattern DECLARED =
      Pattern.compile("(?im)^\\s*Character set encoding:\\s*(?:[^\\n(]*\\()?([\\w-]+)");
  private static final int HEADER = 10_000;

  private Encodings() {}

  /** The text, if {@code bytes} are UTF-8, or UTF-16 with a byte-order mark. */
  public static Optional<String> unicode(byte[] bytes) {
    return decode(bytes, charset(bytes));
  }

  /** UTF-8, or what a byte-order mark says. */
  public static Charset charset(byte[] first) {
    if (first.length >= 2 && (first[0] & 0xff) == 0xff && (first[1] & 0xff) == 0xfe) {
      return StandardCharsets.UTF_16LE;
    } else if (first.length >= 2 && (first[0] & 0xff) == 0xfe && (first[1] & 0xff) == 0xff) {
      return StandardCharsets.UTF_16BE;
    }
    return StandardCharsets.UTF_8;
  }

  /**
   * Text of a book: in Unicode, or else in the encoding it declares, or else, where it declares
   * none or a wrong one, in the encoding old books are mostly in, Windows' Latin-1.
   */
  public static Optional<String> book(byte[] bytes) {
    return unicode(bytes)
        .or(() -> declared(bytes).flatMap(charset -> decode(bytes, charset)))
        .or(() -> decode(bytes, WINDOWS_1252));
  }

  private static Optional<Charset> declared(byte[] bytes) {
    var length = Math.min(bytes.length, HEADER);
    var header = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    var matcher = DECLARED.matcher(header);
    return matcher.find() ? named(matcher.group(1)) : Optional.empty();
  }

  private static Optional<Charset> named(String name) {
    try {
      var charset = Charset.forName(name);
      var latin = charset.equals(StandardCharsets.ISO_8859_1);
      return Optional.of(latin ? WINDOWS_1252 : charset);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The text without its byte-order mark, or nothing where a byte cannot be in this encoding. */
  public static Optional<String> decode(byte[] bytes, Charset charset) {
    try {
      var text =
          charset
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes))
              .toString();
      return Optional.of(text.startsWith("\ufeff") ? text.substring(1) : text);
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
