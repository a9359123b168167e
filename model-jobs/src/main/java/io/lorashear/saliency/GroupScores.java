package io.lorashear.saliency;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** Scores of the groups of all axes, computed axis by axis and fetched together. */
final class GroupScores {
  private GroupScores() {}

  /**
   * The scores of every axis.
   *
   * @param scores computes those of one axis, float32 (groups,); whatever else it creates in the
   *     given manager is freed
   */
  static List<double[]> of(
      TorchModel model,
      List<AxisWeights> axes,
      BiFunction<NDManager, AxisWeights, NDArray> scores) {
    try (var scope = model.manager().newSubManager()) {
      var asked = new ArrayList<NDArray>();
      for (var axis : axes) {
        try (var pass = scope.newSubManager()) {
          var each = scores.apply(pass, axis);
          each.attach(scope);
          asked.add(each);
        }
      }
      return HostArrays.floats(asked).stream().map(HostArrays::widened).toList();
    }
  }
}
