package io.lorashear.saliency;

import ai.djl.ndarray.NDArray;
import io.lorashear.dependency.Groups;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.AxisKernels;
import io.lorashear.torch.kernel.GroupedTensor;
import java.util.function.DoubleSupplier;

/** A live model without some groups of one axis, for as long as something is measured on it. */
public final class Without {
  private Without() {}

  /**
   * What {@code measure} gives while {@code groups} are zero; afterwards their weights are as
   * before, bit for bit.
   */
  public static double measured(
      TorchModel model, AxisWeights axis, Groups groups, DoubleSupplier measure) {
    try (var scope = model.manager().newSubManager()) {
      var weights = axis.zeroed().stream().map(SliceWeights::grouped).toList();
      var saved = weights.stream().map(GroupedTensor::tensor).map(NDArray::duplicate).toList();
      saved.forEach(copy -> copy.attach(scope));
      var mask = HostArrays.send(scope, mask(axis, groups)); // (groups,)
      AxisKernels.zero(weights, mask);
      try {
        return measure.getAsDouble();
      } finally {
        AxisKernels.copy(weights, saved, mask);
      }
    }
  }

  /** 1 for each of the groups, 0 for the others. */
  private static float[] mask(AxisWeights axis, Groups groups) {
    var mask = new float[axis.size()];
    groups.indices(axis.name()).stream().forEach(group -> mask[group] = 1);
    return mask;
  }
}
