package io.lorashear.rank;

import io.lorashear.torch.kernel.RankKernels;
import java.util.Arrays;
import java.util.List;

/**
 * The magnitude of a component's product.
 *
 * <pre>
 *   S_j = ‖A_j‖·‖B_j‖ = ‖B_j A_j‖_F
 * </pre>
 */
record MagnitudeScore(List<Pair> pairs) implements RankScore {
  @Override
  public double[] of(int pair, int[] kept) {
    var all = RankKernels.magnitudes(pairs.get(pair).a(), pairs.get(pair).b()); // (r)
    return Arrays.stream(kept).mapToDouble(j -> all[j]).toArray();
  }
}
