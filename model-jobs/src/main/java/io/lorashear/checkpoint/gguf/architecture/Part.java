package io.lorashear.checkpoint.gguf.architecture;

import io.lorashear.InputException;
import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A Hugging Face tensor as a part of a stored tensor.
 *
 * @param name Hugging Face's name
 * @param entry the stored tensor
 * @param extents Hugging Face's extents, slowest dimension first
 * @param first the stored row at which it begins
 * @param order positions of its rows, counted from {@code first}
 * @param transposed whether its rows are the columns of the stored tensor
 * @param added number to add to a stored number to get Hugging Face's
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Part(
    String name,
    Entry entry,
    long[] extents,
    long first,
    RowOrder order,
    boolean transposed,
    float added) {

  /** The whole of {@code entry}, unchanged. */
  public static Part whole(String name, Entry entry) {
    return new Part(name, entry, entry.extents(), 0, RowOrder.AS_STORED, false, 0);
  }

  Part ordered(RowOrder other) {
    return new Part(name, entry, extents, first, other, transposed, added);
  }

  Part plus(float more) {
    return new Part(name, entry, extents, first, order, transposed, added + more);
  }

  /** The matrix (a, b) that is stored as (b, a). */
  Part transpose() {
    var turned = new long[] {extents[1], extents[0]};
    return new Part(name, entry, turned, first, order, true, added);
  }

  /**
   * The matrices in {@code entry}, one per expert.
   *
   * @param name Hugging Face's name, with {@link TensorNames#EXPERT} for an expert's number
   * @throws InputException if it does not contain so many
   */
  static List<Part> experts(String name, Entry entry, int experts, Hyperparameters h) {
    var extents = entry.extents();
    if (extents.length != 3 || extents[0] != experts) {
      throw new InputException(
          "%s: tensor %s has the shape %s, not that of %d matrices, one an expert",
          h.metadata().file(), entry.name(), Arrays.toString(extents), experts);
    }
    return IntStream.range(0, experts)
        .mapToObj(expert -> slice(name.replace(TensorNames.EXPERT, "" + expert), entry, expert))
        .toList();
  }

  /** Matrix {@code index} of {@code entry}, (count, rows, columns). */
  private static Part slice(String name, Entry entry, int index) {
    long rows = entry.extents()[1];
    var extents = new long[] {rows, entry.extents()[2]};
    return new Part(name, entry, extents, index * rows, RowOrder.AS_STORED, false, 0);
  }

  /** The type after reading: F32 if numbers are decoded or added to. */
  public DataType type() {
    return added == 0 ? entry.type().readAs() : DataType.F32;
  }
}
