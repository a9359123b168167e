package io.lorashear.torch.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.engine.TorchModule;
import java.util.List;

/**
 * Sums by group of numbers that are known for each position and feature.
 *
 * <pre>
 *   G_gt = Σ over the matrices, over the features j of group g, of x_tj
 *   squares_g = Σ_t G_gt²        sums_gk = Σ_t ε_kt G_gt
 * </pre>
 */
public final class PositionKernels {
  private static final String TEXT =
      GroupSums.TEXT
          + """
            def sums(self: __torch__.M,
              groups: Tensor,
              signs: Tensor,
              x: List[Tensor],
              owners: List[Tensor]) -> List[Tensor]:
              s = torch.zeros([int(groups) + 1, torch.size(signs, 1)], dtype=6, device=x[0].device)
              for i in range(torch.len(x)):
                s = self.added(s, owners[i], torch.t(torch.to(x[i], 6)))
              g = torch.slice(s, 0, 0, int(groups))
              return [torch.sum(torch.mul(g, g), [1]), torch.matmul(g, torch.t(signs))]
          """;

  private PositionKernels() {}

  /**
   * squares (groups,) and sums (groups, k).
   *
   * @param x (positions, features) each
   * @param owners the group of each feature, int64 (features,) each; {@code groups} means none
   * @param signs ε (k, positions)
   */
  public static NDList sums(
      NDManager scope, List<NDArray> x, List<NDArray> owners, NDArray signs, int groups) {
    var call = TorchModule.of(TEXT).call(scope, "sums").with((long) groups).with(signs);
    return call.with(x).with(owners).run();
  }
}
