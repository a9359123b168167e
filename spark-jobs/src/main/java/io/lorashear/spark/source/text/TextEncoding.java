package io.lorashear.spark.source.text;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Character encoding and line ends of a file.
 *
 * @param charset name of UTF-8, UTF-16 or UTF-32 in one of its byte orders
 * @param carriageReturns whether its lines end in carriage returns only
 */
public record TextEncoding(String charset, boolean carriageReturns) implements Serializable {
  /** The encoding of nearly all files. */
  public static final TextEncoding PLAIN = new TextEncoding("UTF-8", false);

  /** Detects the encoding from the first bytes of a file. */
  public static TextEncoding of(byte[] first) {
    var charset = Encodings.charset(first);
    var text = new String(first, charset);
    return new TextEncoding(charset.name(), text.indexOf('\r') >= 0 && text.indexOf('\n') < 0);
  }

  /** Whether it is UTF-8 with line feeds, so that its bytes can be read unchanged. */
  public boolean plain() {
    return equals(PLAIN);
  }

  /**
   * The beginning of a file, without its byte-order mark; bytes cut off at its end are left out.
   */
  public String beginning(byte[] first) {
    var text = new String(first, Charset.forName(charset));
    var marked = text.startsWith("\ufeff") ? text.substring(1) : text;
    var cut = marked.endsWith("\ufffd") ? marked.replaceFirst("\ufffd+$", "") : marked;
    return carriageReturns ? cut.replace('\r', '\n') : cut;
  }

  /**
   * The same text in UTF-8 with line feeds. Bytes that are invalid in its encoding become a byte
   * that is invalid in UTF-8, so that only the record that contains it is dropped and counted.
   */
  public InputStream plain(InputStream content) {
    var utf8 =
        Charset.forName(charset).equals(StandardCharsets.UTF_8)
            ? content
            : new Transcoded(content, Charset.forName(charset));
    return carriageReturns ? new LineFeeds(utf8) : utf8;
  }

  private static final class LineFeeds extends FilterInputStream {
    LineFeeds(InputStream content) {
      super(content);
    }

    @Override
    public int read() throws IOException {
      var next = super.read();
      return next == '\r' ? '\n' : next;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      var count = super.read(bytes, offset, length);
      for (var i = offset; i < offset + count; i++) {
        bytes[i] = bytes[i] == '\r' ? (byte) '\n' : bytes[i];
      }
      return count;
    }
  }
}
