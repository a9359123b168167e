package io.lorashear.rank;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lorashear.torch.kernel.Arithmetic;
import io.lorashear.torch.kernel.RankKernels;
import io.lorashear.torch.kernel.RankKernels.Side;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The second-order term of the loss along the components of every pair, estimated from gradients.
 *
 * <pre>
 *   H_B ← β·H_B + (1 − β)·G_Bᵀ G_B          H_A ← β·H_A + (1 − β)·G_A G_Aᵀ          (r, r) both
 *   at n steps:  H / (1 − βⁿ) + μI          μ = damping · mean of the diagonal
 *
 *   Δ = −W_M ([H⁻¹]_MM)⁻¹ [H⁻¹]_M,:         the smallest ½ tr(Δ H Δᵀ) with (W + Δ)_M = 0
 * </pre>
 *
 * PrunedLoRA (arXiv 2510.00192) takes GᵀG of one batch and adds −G H⁻¹, a Newton step; see
 * docs/methods.md for why neither is done here. The division by 1 − βⁿ scales only H, which changes
 * the scores but not Δ.
 */
final class Curvature {
  private final List<Pair> pairs;
  private final double beta;
  private final double damping;
  private final List<NDArray> ofA = new ArrayList<>();
  private final List<NDArray> ofB = new ArrayList<>();
  private final NDArray weight; // (1,): 1 − βⁿ

  Curvature(NDManager manager, List<Pair> pairs, double beta, double damping) {
    this.pairs = pairs;
    this.beta = beta;
    this.damping = damping;
    this.weight = manager.zeros(new Shape(1), DataType.FLOAT32);
    for (var pair : pairs) {
      var square = new Shape(pair.rank(), pair.rank());
      ofA.add(manager.zeros(square, DataType.FLOAT32));
      ofB.add(manager.zeros(square, DataType.FLOAT32));
    }
  }

  /** Adds a step's gradients to the averages. */
  void observe() {
    Arithmetic.approachOne(weight, beta);
    for (int i = 0; i < pairs.size(); i++) {
      var pair = pairs.get(i);
      try (var scope = pair.a().getManager().newSubManager()) {
        RankKernels.addMoments(ofA.get(i), pair.gradientOfA(scope), Side.A, beta);
        RankKernels.addMoments(ofB.get(i), pair.gradientOfB(scope), Side.B, beta);
      }
    }
  }

  /** {@code S_j(B) + S_j(Aᵀ)} of the components {@code kept} of a pair: see {@link RankKernels}. */
  double[] scores(int place, int[] kept) {
    var pair = pairs.get(place);
    try (var scope = pair.a().getManager().newSubManager()) {
      var scores = // (kept)
          RankKernels.scores(
              pair.b(), pair.gradientOfB(scope), mean(scope, ofB, place), kept, damping, Side.B);
      var others = // (kept)
          RankKernels.scores(
              pair.a(), pair.gradientOfA(scope), mean(scope, ofA, place), kept, damping, Side.A);
      for (int j = 0; j < scores.length; j++) {
        scores[j] += others[j];
      }
      return scores;
    }
  }

  private NDArray mean(NDManager scope, List<NDArray> moments, int place) {
    var mean = moments.get(place).div(weight);
    mean.attach(scope);
    return mean;
  }

  /**
   * {@code B ← B + Δ} in a pair.
   *
   * @param kept components that were left before the removal
   * @param gone positions in {@code kept} of the components to remove
   */
  void compensateB(int place, int[] kept, int[] gone) {
    RankKernels.compensate(pairs.get(place).b(), ofB.get(place), kept, gone, damping, Side.B);
  }

  /** {@code Aᵀ ← Aᵀ + Δ} in a pair. */
  void compensateA(int place, int[] kept, int[] gone) {
    RankKernels.compensate(pairs.get(place).a(), ofA.get(place), kept, gone, damping, Side.A);
  }

  /** The state to be saved; live arrays. */
  Map<String, NDArray> arrays() {
    var arrays = new LinkedHashMap<String, NDArray>();
    arrays.put("rank.curvature.weight", weight);
    for (int i = 0; i < pairs.size(); i++) {
      var binding = pairs.get(i).binding();
      arrays.put("rank.curvature." + binding.a(), ofA.get(i));
      arrays.put("rank.curvature." + binding.b(), ofB.get(i));
    }
    return arrays;
  }
}
