package io.lorashear.method;

import io.lorashear.compensate.Inputs;
import io.lorashear.dependency.Groups;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.SameShare;
import io.lorashear.torch.BlockWalk;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.AxisKernels;
import java.util.ArrayList;
import java.util.List;

/**
 * A method that goes through the layers once: what a layer reads comes from layers that are pruned
 * already.
 *
 * <pre>
 *   n_a ← how many groups of each axis a go: the same share of all     before anything is measured
 *   for every layer, the first one first:
 *     s ← scores of its groups, by what its matrices read now
 *     of each axis a the n_a groups of least s: go, and their weights are zero from now on
 * </pre>
 */
interface LayerByLayer extends OneShot {

  /** The groups of one layer that go; may change the live weights of what reads them. */
  Groups choose(Layer layer, PruneSettings settings);

  @Override
  default Groups choose(Calibration calibration) {
    var model = calibration.model();
    var axes = calibration.axes();
    var matrices = Layer.matrices(calibration);
    var unknown = axes.stream().map(axis -> SameShare.unknown(axis.size())).toList();
    var quota = calibration.task().budget().choose(axes, unknown);
    var gone = new ArrayList<Groups>();
    try (var walk = new BlockWalk(model, calibration.batches())) {
      var inputs = new Inputs(model, walk);
      while (walk.hasNext()) {
        var block = walk.block();
        var here = matrices.stream().filter(matrix -> matrix.block().equals(block)).toList();
        if (!here.isEmpty()) {
          var leaving =
              choose(new Layer(model, axes, here, inputs, quota), calibration.task().settings());
          zero(model, axes, leaving);
          gone.add(leaving);
        }
        walk.next();
      }
    }
    return Groups.union(gone);
  }

  private static void zero(TorchModel model, List<AxisWeights> axes, Groups gone) {
    for (var axis : axes) {
      try (var scope = model.manager().newSubManager()) {
        var mask = new float[axis.size()];
        gone.indices(axis.name()).stream().forEach(g -> mask[g] = 1);
        var slices = axis.zeroed().stream().map(slice -> slice.grouped()).toList();
        if (gone.count(axis.name()) > 0) {
          AxisKernels.zero(slices, HostArrays.send(scope, mask));
        }
      }
    }
  }

  /** Through each block once for what is read in it, once more to go on. */
  @Override
  default int looks(PruneSettings settings) {
    return 2;
  }

  @Override
  default boolean blockByBlock() {
    return true;
  }

  /** Nothing is left to be done. */
  @Override
  default void refit(Calibration calibration, Groups gone) {}

  @Override
  default boolean sameShare() {
    return true;
  }

  @Override
  default boolean refitsItself() {
    return true;
  }
}
