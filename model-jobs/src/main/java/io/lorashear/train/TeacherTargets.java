package io.lorashear.train;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.corpus.SoftTargets;
import io.lorashear.torch.SoftLabels;
import io.lorashear.torch.engine.HostArrays;
import java.util.List;

/**
 * What a teacher expects of the rows of one batch.
 *
 * @param rows of one top
 * @param weight share of the loss
 * @param temperature above 0
 */
record TeacherTargets(List<SoftTargets> rows, double weight, double temperature) {

  TeacherTargets {
    rows = List.copyOf(rows);
  }

  /**
   * The same for the model. Positions that the teacher says nothing of are filled up: no token is
   * to be predicted there.
   *
   * @param width ids of a row
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
