package io.lorashear.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.corpus.Sequence;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Rows that go through the model together.
 *
 * @param ids (B, T) token ids
 * @param mask (B, T): 1 where the token at this position is to be predicted
 * @param starts (B, T): the index in the row where each token's document begins
 * @param apart whether documents of a row are isolated, so that none attends to another
 * @param teacher a teacher's predictions; null to train on the next tokens alone
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
public record Batch(
    int[][] ids, byte[][] mask, int[][] starts, boolean apart, @Nullable TeacherTargets teacher) {

  /** Rows without a teacher. */
  public Batch(int[][] ids, byte[][] mask, int[][] starts, boolean apart) {
    this(ids, mask, starts, apart, null);
  }

  /**
   * The rows of {@code sequences}, which must have the same length; documents attend to earlier
   * ones.
   */
  public static Batch of(List<Sequence> sequences) {
    return of(sequences, null, 0);
  }

  /**
   * The same, also with a teacher's predictions, if there is one.
   *
   * @param step step of the training, the first being 0
   */
  public static Batch of(List<Sequence> sequences, @Nullable Distillation distillation, long step) {
    return new Batch(
        sequences.stream().map(Sequence::inputIds).toArray(int[][]::new),
        sequences.stream().map(Sequence::lossMask).toArray(byte[][]::new),
        sequences.stream().map(Sequence::starts).toArray(int[][]::new),
        false,
        distillation == null ? null : distillation.of(sequences, step));
  }

  /**
   * The same rows with isolated documents: each is processed as if it were alone, so its first
   * token is no longer predicted.
   */
  public Batch documentsApart() {
    var kept = new byte[mask.length][];
    for (int row = 0; row < mask.length; row++) {
      kept[row] = mask[row].clone();
      for (int t = 0; t < kept[row].length; t++) {
        kept[row][t] = starts[row][t] == t ? 0 : mask[row][t];
      }
    }
    return new Batch(ids, kept, starts, true, teacher);
  }

  /** Number of predicted tokens: those of the mask, but never the first of a row. */
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
   * @return the loss, nats per predicted token
   */
  public double backward(TorchModel model, double weight) {
    return backward(model, weight, false);
  }

  /**
   * The same.
   *
   * @param recompute whether to hold the values of one block at a time, at the price of computing
   *     them twice
   */
  public double backward(TorchModel model, double weight, boolean recompute) {
    return backward(model, weight, recompute, OptionalLong.empty());
  }

  /**
   * The same.
   *
   * @param seed seed of the model's dropout, if it has any
   */
  double backward(TorchModel model, double weight, boolean recompute, OptionalLong seed) {
    try (var scope = model.manager().newSubManager()) {
      return HostArrays.number(backward(scope, model, weight, recompute, seed));
    }
  }

  /** The same; the loss, (), stays on the device and belongs to {@code scope}. */
  NDArray backward(
      NDManager scope, TorchModel model, double weight, boolean recompute, OptionalLong seed) {
    try (var pass = scope.newSubManager()) {
      var begins = apart ? model.ids(pass, starts) : null; // (B, T)
      var soft = teacher == null ? null : teacher.labels(pass, ids[0].length);
      return model.backward(
          scope, model.ids(pass, ids), mask(pass), weight, soft, begins, recompute, seed);
    }
  }

  private NDArray mask(NDManager scope) {
    int width = ids[0].length;
    var flat = new float[ids.length * width];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = mask[i / width][i % width];
    }
    return HostArrays.send(scope, flat, new Shape(ids.length, width)); // (B, T)
  }

  /** Number of input tokens. */
  public long tokens() {
    return (long) ids.length * ids[0].length;
  }
}
