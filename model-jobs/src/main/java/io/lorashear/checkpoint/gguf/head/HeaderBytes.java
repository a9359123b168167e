package io.lorashear.checkpoint.gguf.head;

import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A GGUF header to be written, version 3: see the layout at {@link GgufHeader}. */
public final class HeaderBytes {
  private static final int VERSION = 3;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private HeaderBytes() {}

  /**
   * The header, padded with zeros to a multiple of {@code alignment} bytes.
   *
   * @param entries tensor entries, whose starts count from the first byte after the header
   * @throws InputException if a text is not valid Unicode
   */
  public static ByteBuffer of(
      Map<String, MetadataValue> metadata, List<Entry> entries, int alignment) {
    var head = new HeaderBytes();
    head.whole(GgufHeader.MAGIC, Integer.BYTES);
    head.whole(VERSION, Integer.BYTES);
    head.whole(entries.size(), Long.BYTES);
    head.whole(metadata.size(), Long.BYTES);
    metadata.forEach(head::pair);
    entries.forEach(head::info);
    head.out.writeBytes(new byte[Math.floorMod(-head.out.size(), alignment)]);
    return ByteBuffer.wrap(head.out.toByteArray());
  }

  private void pair(String key, MetadataValue value) {
    text(key, key);
    whole(value.type().id(), Integer.BYTES);
    value(key, value);
  }

  private void info(Entry entry) {
    text(entry.name(), entry.name());
    var extents = entry.extents();
    whole(extents.length, Integer.BYTES);
    for (int i = extents.length - 1; i >= 0; i--) {
      whole(extents[i], Long.BYTES);
    }
    whole(entry.type().id(), Integer.BYTES);
    whole(entry.start(), Long.BYTES);
  }

  private void value(String key, MetadataValue value) {
    if (value instanceof MetadataValue.Whole whole) {
      whole(whole.number(), whole.type().leastBytes());
    } else if (value instanceof MetadataValue.Real real) {
      boolean narrow = real.type() == ValueType.FLOAT32;
      whole(
          narrow
              ? Float.floatToRawIntBits((float) real.number())
              : Double.doubleToRawLongBits(real.number()),
          real.type().leastBytes());
    } else if (value instanceof MetadataValue.Flag flag) {
      whole(flag.value() ? 1 : 0, 1);
    } else if (value instanceof MetadataValue.Text text) {
      text(key, text.text());
    } else if (value instanceof MetadataValue.Array array) {
      whole(array.element().id(), Integer.BYTES);
      whole(array.values().size(), Long.BYTES);
      array.values().forEach(each -> value(key, each));
    }
  }

  private void text(String key, String text) {
    try {
      var encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      var bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      whole(bytes.length, Long.BYTES);
      out.writeBytes(bytes);
    } catch (CharacterCodingException e) {
      throw new InputException(
          e,
          "the text '%s' of the metadata %s is no Unicode: half of a pair is missing",
          text,
          key);
    }
  }

  private void whole(long number, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (number >>> 8 * i));
    }
  }
}
