package io.lorashear.checkpoint.gguf.head;

import io.lorashear.InputException;
import io.lorashear.checkpoint.MappedFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads a GGUF header sequentially; a length that exceeds the file is refused. */
final class GgufCursor {
  private static final int LONGEST_STRING = 1 << 26;
  private static final int LONGEST_ARRAY = 1 << 24;
  private static final int DEEPEST_ARRAY = 3;
  private static final ValueType[] TYPES = ValueType.values();

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

  /** A count of items of at least {@code leastBytes} each. */
  int count(String what, int leastBytes) {
    long count = int64();
    long possible = (file.size() - position) / leastBytes;
    if (count < 0 || count > possible || count > LONGEST_ARRAY) {
      throw new InputException(
          "%s: %s has %s entries at byte %d, more than the file can hold; it is truncated or"
              + " damaged",
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
  Object value(String key) {
    return value(key, type(key), 0);
  }

  private Object value(String key, ValueType type, int depth) {
    return switch (type) {
      case UINT8 -> (long) (next(1).get() & 0xff);
      case INT8 -> (long) next(1).get();
      case UINT16 -> (long) (next(2).getShort() & 0xffff);
      case INT16 -> (long) next(2).getShort();
      case UINT32 -> int32() & 0xffff_ffffL;
      case INT32 -> (long) int32();
      case FLOAT32 -> (double) next(4).getFloat();
      case BOOL -> next(1).get() != 0;
      case STRING -> string(key);
      case ARRAY -> array(key, depth);
      case UINT64, INT64 -> int64();
      case FLOAT64 -> next(8).getDouble();
    };
  }

  private List<Object> array(String key, int depth) {
    var type = type(key);
    if (depth == DEEPEST_ARRAY) {
      throw new InputException("%s: the metadata %s nests arrays too deep", file.path(), key);
    }
    int count = count(key, type.leastBytes());
    var values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(value(key, type, depth + 1));
    }
    return values;
  }

  private ValueType type(String key) {
    int id = int32();
    if (id < 0 || id >= TYPES.length) {
      throw new InputException(
          "%s: the metadata %s has the unknown type %d; the file is damaged", file.path(), key, id);
    }
    return TYPES[id];
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
