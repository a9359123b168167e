package io.lorashear.checkpoint.gguf;

import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.gguf.architecture.Part;
import io.lorashear.checkpoint.gguf.architecture.RowOrder;
import io.lorashear.checkpoint.gguf.block.GgmlType;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A GGUF tensor made of Hugging Face tensors: the reverse of {@link Part}. It undoes the row order,
 * transposition and addition of the parts.
 *
 * @param extents slowest dimension first
 * @param parts parts in the order in which they are stored
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record StoredTensor(String name, long[] extents, List<Part> parts, TensorSource source) {

  /** The tensor to be written in {@code type}. */
  GgufTensor in(GgmlType type) {
    var whole = parts.get(0);
    boolean vector = extents.length < 2;
    if (parts.size() == 1 && whole.transposed()) {
      return new GgufTensor(name, type, extents, this::columns);
    }
    if (vector && whole.order() != RowOrder.AS_STORED) {
      var from = inverse(whole, whole.extents()[0]);
      return new GgufTensor(name, type, extents, (first, count, to) -> elements(from, to));
    }
    var from = parts.stream().map(part -> inverse(part, vector ? 1 : rows(part))).toList();
    return new GgufTensor(name, type, extents, (first, count, to) -> rows(from, first, count, to));
  }

  private static long rows(Part part) {
    return part.extents()[0];
  }

  private long width() {
    return extents[extents.length - 1];
  }

  /** The Hugging Face row of each stored row; empty if the order is the same. */
  private static int[] inverse(Part part, long rows) {
    if (part.order() == RowOrder.AS_STORED) {
      return new int[0];
    }
    var from = new int[Math.toIntExact(rows)];
    for (int row = 0; row < rows; row++) {
      from[Math.toIntExact(part.order().stored(row))] = row;
    }
    return from;
  }

  private void rows(List<int[]> from, long first, int count, float[] target) {
    int width = Math.toIntExact(width());
    for (int done = 0; done < count; ) {
      int index = part(first + done);
      var part = parts.get(index);
      long row = first + done - part.first();
      var order = from.get(index);
      long left = extents.length < 2 ? 1 : rows(part) - row;
      int together = order.length > 0 ? 1 : (int) Math.min(left, count - done);
      long found = order.length > 0 ? order[(int) row] : row;
      read(part, found * width, together * width, target, done * width);
      done += together;
    }
    add(target, count * width);
  }

  private int part(long row) {
    int index = 0;
    while (index + 1 < parts.size() && parts.get(index + 1).first() <= row) {
      index++;
    }
    return index;
  }

  private void elements(int[] from, float[] target) {
    var read = new float[from.length];
    read(parts.get(0), 0, from.length, read, 0);
    for (int i = 0; i < from.length; i++) {
      target[i] = read[from[i]];
    }
    add(target, from.length);
  }

  /** Reads rows that are columns of the source tensor. */
  private void columns(long first, int count, float[] target) {
    var part = parts.get(0);
    int height = Math.toIntExact(rows(part));
    long across = part.extents()[1];
    var strip = new float[count];
    for (int i = 0; i < height; i++) {
      read(part, i * across + first, count, strip, 0);
      for (int j = 0; j < count; j++) {
        target[j * height + i] = strip[j];
      }
    }
    add(target, count * height);
  }

  private void read(Part part, long element, int count, float[] target, int at) {
    var type = source.tensor(part.name()).type();
    var bytes = ByteBuffer.allocate(Math.multiplyExact(count, type.bytes()));
    source.read(part.name(), element * type.bytes(), bytes);
    type.decode(bytes.flip(), target, at, count);
  }

  private void add(float[] target, int count) {
    float added = parts.get(0).added();
    for (int i = 0; added != 0 && i < count; i++) {
      target[i] -= added;
    }
  }
}
