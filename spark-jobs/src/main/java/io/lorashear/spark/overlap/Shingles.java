package io.lorashear.spark.overlap;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The set of all runs of so many words in a text (Broder, On the resemblance and containment of
 * documents, 1997). A text of fewer words has one shingle, the whole text; a text without words has
 * none.
 */
public final class Shingles {
  private final long[] sorted;

  private Shingles(long[] sorted) {
    this.sorted = sorted;
  }

  /**
   * The shingles of {@code text}.
   *
   * @param words words in a shingle, at least 1
   */
  public static Shingles of(String text, int words) {
    var all = Words.of(text);
    var grams = all.grams(Math.max(1, Math.min(words, all.count())));
    return new Shingles(Arrays.stream(grams).sorted().distinct().toArray());
  }

  /** The shingles that {@link #bytes} encoded. */
  public static Shingles of(byte[] bytes) {
    var sorted = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).asLongBuffer().get(sorted);
    return new Shingles(sorted);
  }

  /** The shingles for a binary column: eight bytes each, in order. */
  public byte[] bytes() {
    var bytes = ByteBuffer.allocate(Long.BYTES * sorted.length);
    bytes.asLongBuffer().put(sorted);
    return bytes.array();
  }

  /** Hashes of the shingles, ascending. */
  public long[] hashes() {
    return sorted.clone();
  }

  /** |A ∩ B| / |A ∪ B|, 0 if both are empty. */
  public double jaccard(Shingles other) {
    var shared = 0;
    var i = 0;
    var j = 0;
    while (i < sorted.length && j < other.sorted.length) {
      var order = Long.compare(sorted[i], other.sorted[j]);
      shared += order == 0 ? 1 : 0;
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
    }
    var all = sorted.length + other.sorted.length - shared;
    return all == 0 ? 0 : (double) shared / all;
  }

  /** {@link #jaccard} of two columns of {@link #bytes}. */
  public static double jaccard(byte[] left, byte[] right) {
    return of(left).jaccard(of(right));
  }
}
