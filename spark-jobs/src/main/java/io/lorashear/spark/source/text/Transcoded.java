package io.lorashear.spark.source.text;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;

/** Text of another encoding of Unicode as UTF-8, without a byte-order mark. */
final class Transcoded extends InputStream {
  /** Replacement for undecodable bytes: an unpaired surrogate, which no decoder returns. */
  private static final String NO_TEXT = "\udfff";

  /** A byte that never occurs in UTF-8. */
  private static final int NO_BYTE = 0xff;

  private final InputStream content;
  private final Reader characters;
  private final char[] piece = new char[1 << 13];
  private final Piece utf8 = new Piece();
  private char high; // high surrogate whose low surrogate was not read yet, or 0
  private boolean begun;
  private boolean ended;

  Transcoded(InputStream content, Charset charset) {
    this.content = content;
    characters =
        new InputStreamReader(
            content,
            charset
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE)
                .replaceWith(NO_TEXT));
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    while (utf8.left() == 0 && !ended) {
      fill();
    }
    return utf8.left() == 0 ? -1 : utf8.take(bytes, offset, length);
  }

  private void fill() throws IOException {
    utf8.reset();
    var count = characters.read(piece);
    if (count < 0) {
      ended = true;
      alone();
      return;
    }
    for (var i = 0; i < count; i++) {
      add(piece[i]);
    }
  }

  private void add(char next) {
    if (high != 0 && Character.isLowSurrogate(next)) {
      utf8.code(Character.toCodePoint(high, next));
      high = 0;
      return;
    }
    alone();
    if (Character.isHighSurrogate(next)) {
      high = next;
    } else if (Character.isLowSurrogate(next)) {
      utf8.write(NO_BYTE);
    } else if (begun || next != '\ufeff') {
      utf8.code(next);
    }
    begun = true;
  }

  /** Writes an unpaired high surrogate. */
  private void alone() {
    if (high != 0) {
      utf8.write(NO_BYTE);
      high = 0;
    }
  }

  @Override
  public void close() throws IOException {
    content.close();
  }

  private static final class Piece extends ByteArrayOutputStream {
    private int taken;

    @Override
    public synchronized void reset() {
      super.reset();
      taken = 0;
    }

    int left() {
      return count - taken;
    }

    int take(byte[] bytes, int offset, int length) {
      var given = Math.min(length, left());
      System.arraycopy(buf, taken, bytes, offset, given);
      taken += given;
      return given;
    }

    void code(int point) {
      if (point < 0x80) {
        write(point);
      } else if (point < 0x800) {
        write(0xc0 | point >> 6);
        rest(point, 0);
      } else if (point < 0x10000) {
        write(0xe0 | point >> 12);
        rest(point, 6);
      } else {
        write(0xf0 | point >> 18);
        rest(point, 12);
      }
    }

    /** Appends the bytes after the first, six bits each, from {@code shift} down. */
    private void rest(int point, int shift) {
      for (var bits = shift; bits >= 0; bits -= 6) {
        write(0x80 | point >> bits & 0x3f);
      }
    }
  }
}
