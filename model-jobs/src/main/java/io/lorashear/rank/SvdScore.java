package io.lorashear.rank;

import io.lorashear.torch.kernel.RankKernels;
import java.util.List;

/**
 * Singular values: the remaining components are the best approximation of BA of their rank (Eckart
 * and Young).
 *
 * <pre>
 *   BA = Σ_j σ_j u_j v_jᵀ          component j becomes B_j = √σ_j·u_j, A_j = √σ_j·v_jᵀ
 *   S_j = σ_j
 * </pre>
 *
 * The gradients of the step are rotated with the components; moments, which cannot be rotated,
 * restart.
 */
record SvdScore(List<Pair> pairs) implements RankScore {
  @Override
  public double[] of(int place, int[] kept) {
    var pair = pairs.get(place);
    try (var scope = pair.a().getManager().newSubManager()) {
      return RankKernels.turn(
          pair.a(), pair.b(), pair.gradientOfA(scope), pair.gradientOfB(scope), kept);
    }
  }

  @Override
  public boolean turns() {
    return true;
  }
}
