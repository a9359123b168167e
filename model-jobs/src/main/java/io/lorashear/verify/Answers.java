package io.lorashear.verify;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.graph.ModelGraph;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import java.util.Arrays;
import java.util.List;

/** A model's outputs for rows of ids; the model does not stay in memory. */
final class Answers {
  private Answers() {}

  /** Logits (T, vocabulary) of each row (T,). */
  static List<float[][]> of(ModelGraph graph, TensorSource tensors, List<int[]> rows) {
    try (var model = TorchModel.load(graph, tensors, Device.cpu())) {
      return rows.stream()
          .map(
              row -> {
                try (var scope = model.manager().newSubManager()) {
                  return numbers(model.logits(scope, model.ids(scope, row)).get(0));
                }
              })
          .toList();
    }
  }

  /**
   * log Σ exp l − l[id] of every id but the first, with l (vocabulary,) the logits before it:
   * (T−1,).
   */
  static float[] losses(float[][] logits, int[] row) {
    var losses = new float[row.length - 1];
    for (int i = 0; i < losses.length; i++) {
      float most = Float.NEGATIVE_INFINITY;
      for (float logit : logits[i]) {
        most = Math.max(most, logit);
      }
      double sum = 0;
      for (float logit : logits[i]) {
        sum += Math.exp((double) logit - most);
      }
      losses[i] = (float) (most + Math.log(sum) - logits[i][row[i + 1]]);
    }
    return losses;
  }

  /** A matrix (rows, columns) as Java arrays. */
  static float[][] numbers(NDArray matrix) {
    int rows = (int) matrix.getShape().get(0);
    int columns = (int) matrix.getShape().get(1);
    var flat = HostArrays.floats(matrix);
    var numbers = new float[rows][];
    for (int row = 0; row < rows; row++) {
      numbers[row] = Arrays.copyOfRange(flat, row * columns, (row + 1) * columns);
    }
    return numbers;
  }
}
