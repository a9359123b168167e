package io.lorashear.torch.kernel;

import ai.djl.ndarray.NDArray;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.engine.TorchModule;
import java.util.List;

/**
 * Cosine similarity between vectors and what they were before something was added to them.
 *
 * <pre>
 *   x = y − Σ b      Σ over the rows of ⟨x, y⟩ / (‖x‖ ‖y‖)        0 where one of them is zero
 * </pre>
 *
 * Computed in double precision, because the cosines of interest are close to 1.
 */
public final class Cosines {
  private static final String TEXT =
      """
        def cosines(self: __torch__.M,
          y: Tensor,
          b: List[Tensor]) -> Tensor:
          s = torch.to(torch.flatten(y, 0, -2), 7)
          x = s
          for a in b:
            x = torch.sub(x, torch.to(torch.flatten(a, 0, -2), 7))
          d = torch.sum(torch.mul(x, s), [-1])
          n = torch.mul(torch.sum(torch.mul(x, x), [-1]), torch.sum(torch.mul(s, s), [-1]))
          return torch.sum(torch.div(d, torch.clamp(torch.sqrt(n), 1.0e-30)))
      """;

  private Cosines() {}

  /**
   * The sum over all rows.
   *
   * @param y (…, features)
   * @param added b, each of y's shape
   */
  public static double sum(NDArray y, List<NDArray> added) {
    try (var sum = TorchModule.of(TEXT).call(y, "cosines").with(y).with(added).run().get(0)) {
      return HostArrays.doubles(sum)[0];
    }
  }
}
