package io.lorashear.method;

import io.lorashear.compensate.Inputs;
import io.lorashear.dependency.Groups;
import io.lorashear.saliency.SameShare;
import io.lorashear.torch.BlockWalk;
import java.util.ArrayList;

/**
 * A method that prunes layer by layer: the input of every layer is computed by the pruned earlier
 * layers.
 *
 * <pre>
 *   n_a ← number of groups to prune of each axis a: the same share of all
 *   for every layer, in order:
 *     s ← scores of its groups, from the current inputs of its matrices
 *     of each axis a, the n_a groups of lowest s are pruned, and their weights set to zero
 * </pre>
 */
interface LayerByLayer extends OneShot {

  /** The groups of one layer to prune; may change the live weights of matrices that read them. */
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
          calibration.prune(leaving);
          gone.add(leaving);
        }
        walk.next();
      }
    }
    return Groups.union(gone);
  }

  /**
   * Each block runs once to measure its inputs, and once more to compute the next block's inputs.
   */
  @Override
  default int looks(PruneSettings settings) {
    return 2;
  }

  @Override
  default boolean blockByBlock() {
    return true;
  }

  /** Does nothing: {@link #choose(Layer, PruneSettings)} has already refitted. */
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
