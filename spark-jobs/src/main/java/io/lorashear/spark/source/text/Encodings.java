package io.lorashear.spark.source.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Bytes to text, strictly: what is not text in an encoding is never replaced in silence. */
public final class Encodings {
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
