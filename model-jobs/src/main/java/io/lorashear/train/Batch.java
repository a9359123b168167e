package io.lorashear.train;

import io.lorashear.corpus.Sequence;
import java.util.List;

/**
 * Rows that go through the model together.
 *
 * @param ids (B, T) token ids
 * @param mask (B, T): 1 where the token at this position is to be predicted
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
public record Batch(int[][] ids, byte[][] mask) {

  /** The rows of {@code sequences}, which must have one length. */
  public static Batch of(List<Sequence> sequences) {
    return new Batch(
        sequences.stream().map(Sequence::inputIds).toArray(int[][]::new),
        sequences.stream().map(Sequence::lossMask).toArray(byte[][]::new));
  }

  /** Tokens that are predicted: those of the mask, the first of a row never among them. */
  public long predicted() {
    long count = 0;
    for (var row : mask) {
      for (int t = 1; t < row.length; t++) {
        count += row[t];
      }
    }
    return count;
  }

  /** Tokens that go in. */
  public long tokens() {
    return (long) ids.length * ids[0].length;
  }
}
