package io.lorashear.method;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.compensate.ReadingMatrix;
import io.lorashear.dependency.Groups;
import io.lorashear.graph.Value;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.LeastSquares;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Optimal Brain Surgeon for whole structures (SparseGPT, arXiv 2301.00774, with groups of columns
 * instead of single weights; SlimGPT, 2412.18110).
 *
 * <pre>
 *   H   = Σ xᵀx + μI                                 x: what W reads; μ = damping · mean of H's diagonal
 *   s_g = tr W_g ([H⁻¹]_gg)⁻¹ W_gᵀ                   of one column: ‖W_j‖² / [H⁻¹]_jj
 *   W_K ← W_K + W_R H_RK (H_KK)⁻¹                    R: pruned columns, K: kept columns
 *   s_e = Σ ‖r_e W_e x_e‖²                           a whole expert: over the tokens routed to it
 * </pre>
 *
 * A pruned expert loses its whole matrix, and no other matrix reads the same input, so that no
 * weights can compensate: its loss is its whole contribution to the layer's output.
 *
 * <p>The same share of every layer is pruned, and the input of each layer is computed by the pruned
 * earlier layers.
 */
final class Obs implements LayerByLayer {
  @Override
  public Groups choose(Layer layer, PruneSettings settings) {
    double damping = settings.compensation().damping();
    try (var scope = layer.model().manager().newSubManager()) {
      var experts = layer.matrices().stream().filter(each -> each.route() != null).toList();
      var others = layer.matrices().stream().filter(each -> each.route() == null).toList();
      var moments = layer.inputs().moments(scope, others);
      var contributions = layer.inputs().contributions(experts);
      var gone =
          layer.least(
              (matrix, groups) ->
                  matrix.route() == null
                      ? scores(scope, matrix, found(moments, matrix), groups, damping)
                      : whole(matrix, contributions.getOrDefault(matrix, 0.0), groups));
      for (var matrix : others) {
        refit(scope, matrix, found(moments, matrix), gone.indices(matrix.axis()), damping);
      }
      return gone;
    }
  }

  /** {@code score} for the one group that the matrix belongs to; 0 for all others. */
  private static double[] whole(ReadingMatrix matrix, double score, int groups) {
    var scores = new double[groups];
    scores[matrix.slice().groupOf()[0]] = score;
    return scores;
  }

  @Override
  public int looks(PruneSettings settings) {
    return settings.experts() ? 3 : 2; // experts' contributions take a pass of their own
  }

  private static NDArray found(Map<Value, NDArray> moments, ReadingMatrix matrix) {
    return Objects.requireNonNull(moments.get(matrix.input()));
  }

  /** The scores of {@code groups} groups; {@code h} is Σ xᵀx (in, in), without damping. */
  static double[] scores(
      NDManager scope, ReadingMatrix matrix, NDArray h, int groups, double damping) {
    var columns = HostArrays.send(scope, matrix.columns(groups)); // (groups, columns of a group)
    return HostArrays.doubles(
        LeastSquares.losses(scope, matrix.slice().weight(), h, columns, damping));
  }

  /** Updates the kept columns so that they compensate for the groups {@code gone}. */
  static void refit(NDManager scope, ReadingMatrix matrix, NDArray h, BitSet gone, double damping) {
    var weight = matrix.slice().weight(); // (out, in)
    var k = positions(scope, matrix, group -> group < 0 || !gone.get(group)); // (K,)
    var r = positions(scope, matrix, group -> group >= 0 && gone.get(group)); // (R,)
    if (k.size() > 0 && r.size() > 0) {
      var update = LeastSquares.update(scope, weight, h, k, r, damping); // (out, in)
      weight.addi(update.toDevice(weight.getDevice(), false));
    }
  }

  private static NDArray positions(NDManager scope, ReadingMatrix matrix, IntPredicate group) {
    var groupOf = matrix.slice().groupOf();
    return HostArrays.send(
        scope,
        IntStream.range(0, groupOf.length)
            .filter(position -> group.test(groupOf[position]))
            .asLongStream()
            .toArray());
  }
}
