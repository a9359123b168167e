package io.lorashear.rank;

import io.lorashear.torch.kernel.RankKernels;
import java.util.Arrays;
import java.util.List;

/**
 * LLM-Pruner's first-order score of single elements (arXiv 2305.11627), summed over a component, a
 * baseline of PrunedLoRA's authors.
 *
 * <pre>
 *   S_j = Σ_i |G_A,ji · A_ji| + Σ_i |G_B,ij · B_ij|
 * </pre>
 */
record ProductScore(List<Pair> pairs) implements RankScore {
  @Override
  public double[] of(int place, int[] kept) {
    var pair = pairs.get(place);
    try (var scope = pair.a().getManager().newSubManager()) {
      var all = // (r)
          RankKernels.absoluteProducts(
              pair.a(), pair.b(), pair.gradientOfA(scope), pair.gradientOfB(scope));
      return Arrays.stream(kept).mapToDouble(j -> all[j]).toArray();
    }
  }
}
