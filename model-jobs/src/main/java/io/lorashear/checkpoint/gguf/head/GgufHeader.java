package io.lorashear.checkpoint.gguf.head;

import io.lorashear.InputException;
import io.lorashear.checkpoint.MappedFile;
import io.lorashear.checkpoint.gguf.block.GgmlType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * The header of a GGUF file, versions 2 and 3, checked against the file.
 *
 * <pre>
 *   "GGUF" │ u32 version │ u64 tensors │ u64 keys │ keys and values │ tensor infos │ padding │ data
 * </pre>
 */
public record GgufHeader(Metadata metadata, List<Entry> entries) {
  static final int MAGIC = 0x4655_4747;
  private static final int LEAST_KEY = 13;
  private static final int LEAST_INFO = 24;
  private static final int MOST_DIMENSIONS = 4;

  /**
   * One tensor.
   *
   * @param extents slowest dimension first, as in Hugging Face
   * @param start the first byte in the file
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Entry(String name, GgmlType type, long[] extents, long start) {
    /** Numbers in a row. */
    public long columns() {
      return extents.length == 0 ? 1 : extents[extents.length - 1];
    }

    /** Bytes in the file. */
    public long bytes() {
      return elements() / type.blockElements() * type.blockBytes();
    }

    private long elements() {
      long product = 1;
      for (long extent : extents) {
        product = Math.multiplyExact(product, extent);
      }
      return product;
    }

    private Entry shifted(long dataStart) {
      return new Entry(name, type, extents, Math.addExact(dataStart, start));
    }
  }

  /**
   * Reads the header of {@code file}.
   *
   * @throws InputException if it contradicts itself or the file
   */
  public static GgufHeader read(MappedFile file) {
    var cursor = new GgufCursor(file);
    if (file.size() < Integer.BYTES || cursor.int32() != MAGIC) {
      throw new InputException("%s is no GGUF file: it does not begin with GGUF", file.path());
    }
    int version = cursor.int32();
    if (version != 2 && version != 3) {
      throw new InputException(
          "%s is GGUF version %s; versions 2 and 3, little-endian, are read here",
          file.path(), Integer.toUnsignedString(version));
    }
    int tensors = cursor.count("the list of tensors", LEAST_INFO);
    int keys = cursor.count("the metadata", LEAST_KEY);
    var metadata = metadata(file, cursor, keys);
    var entries = entries(file, cursor, tensors);
    return new GgufHeader(metadata, placed(file, cursor.position(), alignment(metadata), entries));
  }

  private static Metadata metadata(MappedFile file, GgufCursor cursor, int keys) {
    var values = new LinkedHashMap<String, Object>();
    for (int i = 0; i < keys; i++) {
      var key = cursor.string("a metadata key");
      if (values.put(key, cursor.value(key)) != null) {
        throw new InputException("%s lists the metadata %s twice", file.path(), key);
      }
    }
    return new Metadata(file.path(), Collections.unmodifiableMap(values));
  }

  private static List<Entry> entries(MappedFile file, GgufCursor cursor, int tensors) {
    var entries = new LinkedHashMap<String, Entry>();
    for (int i = 0; i < tensors; i++) {
      var name = cursor.string("a tensor name");
      int dimensions = cursor.int32();
      if (dimensions < 0 || dimensions > MOST_DIMENSIONS) {
        throw new InputException("%s: tensor %s has %d dimensions", file.path(), name, dimensions);
      }
      var extents = new long[dimensions];
      for (int j = dimensions - 1; j >= 0; j--) {
        extents[j] = cursor.int64();
      }
      var type = GgmlType.of(cursor.int32(), file.path(), name);
      var entry = checked(file, new Entry(name, type, extents, cursor.int64()));
      if (entries.put(name, entry) != null) {
        throw new InputException("%s lists the tensor %s twice", file.path(), name);
      }
    }
    return new ArrayList<>(entries.values());
  }

  private static Entry checked(MappedFile file, Entry entry) {
    try {
      for (long extent : entry.extents()) {
        if (extent <= 0) {
          throw new ArithmeticException("extent " + extent);
        }
      }
      Math.multiplyExact(entry.elements(), entry.type().blockBytes());
    } catch (ArithmeticException e) {
      throw new InputException(
          e,
          "%s: tensor %s has an impossible shape (%s)",
          file.path(),
          entry.name(),
          e.getMessage());
    }
    if (entry.columns() % entry.type().blockElements() != 0) {
      throw new InputException(
          "%s: tensor %s has rows of %d numbers, but %s packs them by %d",
          file.path(), entry.name(), entry.columns(), entry.type(), entry.type().blockElements());
    }
    return entry;
  }

  private static int alignment(Metadata metadata) {
    var stated = metadata.wholeOrNull("general.alignment");
    int alignment = stated == null ? 32 : stated;
    if (Integer.bitCount(alignment) != 1) { // also refuses 0
      throw new InputException(
          "%s: the metadata general.alignment is %d, not a power of two",
          metadata.file(), alignment);
    }
    return alignment;
  }

  private static List<Entry> placed(
      MappedFile file, long headEnd, int alignment, List<Entry> entries) {
    long dataStart = headEnd + Math.floorMod(-headEnd, alignment);
    var order = new ArrayList<>(entries);
    order.sort(Comparator.comparingLong(Entry::start));
    long covered = 0;
    for (var entry : order) {
      if (entry.start() < covered || entry.start() % alignment != 0) {
        throw new InputException(
            "%s: tensor %s begins at byte %s of the data, inside another or out of line",
            file.path(), entry.name(), Long.toUnsignedString(entry.start()));
      }
      covered = entry.start() + entry.bytes();
      if (covered < 0 || covered > file.size() - dataStart) {
        throw new InputException(
            "%s is truncated: tensor %s ends at byte %s of the data, which has %d; copy it again",
            file.path(), entry.name(), Long.toUnsignedString(covered), file.size() - dataStart);
      }
    }
    return entries.stream().map(entry -> entry.shifted(dataStart)).toList();
  }
}
