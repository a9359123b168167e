package io.lorashear.torch.kernel;

import ai.djl.ndarray.NDArray;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.engine.TorchModule;

/**
 * Kullback–Leibler divergence of one model's next-token distributions from another's.
 *
 * <pre>
 *   D(p ‖ q) = Σ_v p_v (ln p_v − ln q_v)        p, q: softmax of the logits, over the vocabulary
 * </pre>
 *
 * Softmaxes are in float32, 256 positions at a time; the sum over the positions is in float64.
 */
public final class Divergence {
  private static final String TEXT =
      """
        def divergence(self: __torch__.M,
          p: Tensor,
          q: Tensor) -> Tensor:
          f = torch.flatten(p, 0, -2)
          g = torch.flatten(q, 0, -2)
          s = torch.zeros([], dtype=7, device=f.device)
          for i in range(0, torch.size(f, 0), 256):
            a = torch.log_softmax(torch.slice(f, 0, i, i + 256), -1, 6)
            b = torch.log_softmax(torch.slice(g, 0, i, i + 256), -1, 6)
            d = torch.sum(torch.mul(torch.exp(a), torch.sub(a, b)), [-1])
            k = torch.add_(s, torch.sum(torch.to(d, 7)))
          return s
      """;

  private Divergence() {}

  /**
   * The sum over all positions, in nats.
   *
   * @param p logits (…, vocabulary) of the model that is right
   * @param q logits of the other, in p's shape
   */
  public static double sum(NDArray p, NDArray q) {
    try (var sum = TorchModule.of(TEXT).call(p, "divergence").with(p).with(q).run().get(0)) {
      return HostArrays.doubles(sum)[0];
    }
  }
}
