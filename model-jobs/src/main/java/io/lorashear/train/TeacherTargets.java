package io.lorashear.train;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.corpus.SoftTargets;
import io.lorashear.torch.SoftLabels;
import io.lorashear.torch.engine.HostArrays;
import java.util.List;

/**
 * A teacher's predictions for the rows of one batch.
 *
 * @param rows predictions for each row, all with the same number of top tokens
 * @param weight share of the loss
 * @param temperature above 0
 */
record TeacherTargets(List<SoftTargets> rows, double weight, double temperature) {

  TeacherTargets {
    rows = List.copyOf(rows);
  }

  /**
   * The same as arrays for the model. Positions without a teacher's prediction are padded: no token
   * is to be predicted there.
   *
   * @param width ids per row
   */
  SoftLabels labels(NDManager scope, int width) {
    int top = rows.get(0).top();
    var ids = new int[rows.size() * width * top];
    var logs = new float[rows.size() * width * (top + 1)];
    for (int row = 0; row < rows.size(); row++) {
      var targets = rows.get(row);
      System.arraycopy(targets.ids(), 0, ids, row * width * top, targets.ids().length);
      for (int t = 0; t < targets.positions(); t++) {
        int at = (row * width + t) * (top + 1);
        System.arraycopy(targets.logProbabilities(), t * top, logs, at, top);
        logs[at + top] = targets.tail()[t];
      }
    }
    return new SoftLabels(
        HostArrays.send(scope, ids, new Shape((long) rows.size() * width, top)), // (B·T, k)
        HostArrays.send(
            scope, logs, new Shape((long) rows.size() * width, top + 1)), // (B·T, k + 1)
        weight,
        temperature);
  }
}
