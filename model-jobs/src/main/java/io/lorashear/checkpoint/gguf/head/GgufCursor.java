package io.lorashear.checkpoint.gguf.head;

import io.lorashear.InputException;
import io.lorashear.checkpoint.MappedFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads a GGUF head from front to back; no length it meets is believed beyond the file's end. */
final class GgufCursor {
  private static final int LONGEST_STRING = 1 << 26;
  private static final int LONGEST_ARRAY = 1 << 24;
  private static final int DEEPEST_ARRAY = 3;

  private final MappedFile file;
  private long position;

  GgufCursor(MappedFile file) {
    this.file = file;
  }

  long position() {
    return position;
  }

  int int32() {
    return next(Integer.BYTES).getInt();
  }

  long int64() {
    return next(Long.BYTES).getLong();
  }

  /** A count of things that take at least {@code leastBytes} each. */
  int count(String what, int leastBytes) {
    long count = int64();
    long possible = (file.size() - position) / leastBytes;
    if (count < 0 || count > possible || count > LONGEST_ARRAY) {
      throw new InputException(
          "%s: %s has %s entries at byte %d, more than the file can hold; it is truncated or damaged",
          file.path(), what, Long.toUnsignedString(count), position);
    }
    return (int) count;
  }

  String string(String what) {
    int length = count(what, 1);
    if (length > LONGEST_STRING) {
      throw new InputException("%s: %s has %d bytes of text", file.path(), what, length);
    }
    return StandardCharsets.UTF_8.decode(next(length)).toString();
  }

  /** A metadata value: Long, Double, Boolean, String or a List of one of them. */
  Object value(String key, int type) {
    return value(key, type, 0);
  }

  private Object value(String key, int type, int depth) {
    return switch (type) {
      case 0 -> (long) (next(1).get() & 0xff);
      case 1 -> (long) next(1).get();
      case 2 -> (long) (next(2).getShort() & 0xffff);
      case 3 -> (long) next(2).getShort();
      case 4 -> int32() & 0xffff_ffffL;
      case 5 -> (long) int32();
      case 6 -> (double) next(4).getFloat();
      case 7 -> next(1).get() != 0;
      case 8 -> string(key);
      case 9 -> array(key, depth);
      case 10, 11 -> int64();
      case 12 -> next(8).getDouble();
      default ->
          throw new InputException(
              "%s: the metadata %s has the unknown type %d; the file is damaged",
              file.path(), key, type);
    };
  }

  private List<Object> array(String key, int depth) {
    int type = int32();
    if (depth == DEEPEST_ARRAY) {
      throw new InputException("%s: the metadata %s nests arrays too deep", file.path(), key);
    }
    int count = count(key, leastBytes(type));
    var values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(value(key, type, depth + 1));
    }
    return values;
  }

  private static int leastBytes(int type) {
    return switch (type) {
      case 2, 3 -> Short.BYTES;
      case 4, 5, 6 -> Integer.BYTES;
      case 8, 10, 11, 12 -> Long.BYTES;
      case 9 -> Integer.BYTES + Long.BYTES;
      default -> 1;
    };
  }

  private ByteBuffer next(int count) {
    if (count > file.size() - position) {
      throw new InputException(
          "%s is truncated: its head goes on after its last byte %d; copy it again",
          file.path(), file.size());
    }
    var bytes = file.bytes(position, count).order(ByteOrder.LITTLE_ENDIAN);
    position += count;
    return bytes;
  }
}
