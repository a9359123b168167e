package io.lorashear.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.corpus.Sequence;
import io.lorashear.torch.TorchModel;
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

  /**
   * Adds {@code weight} times the gradient of the loss of these rows to the gradients of {@code
   * model}'s trainable parameters.
   *
   * @return the loss, nats a predicted token
   */
  public double backward(TorchModel model, double weight) {
    try (var scope = model.manager().newSubManager()) {
      return model.lossAndBackward(model.ids(scope, ids), mask(scope), weight);
    }
  }

  private NDArray mask(NDManager scope) {
    int width = ids[0].length;
    var flat = new float[ids.length * width];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = mask[i / width][i % width];
    }
    return scope.create(flat, new Shape(ids.length, width)); // (B, T)
  }

  /** Tokens that go in. */
  public long tokens() {
    return (long) ids.length * ids[0].length;
  }
}
