package io.lorashear.torch.compile;

import io.lorashear.InputException;
import org.jspecify.annotations.Nullable;

/**
 * Dropout of the inputs of LoRA pairs during training:
 *
 * <pre>
 *   y = W x + s·B(A (x∘m))          m_i = 0 with probability p, else 1/(1 − p)
 * </pre>
 *
 * m is drawn anew for each pair, token and pass that has a seed; the same seeds give the same bits.
 *
 * @param share p, in [0, 1)
 * @param seed seed of all draws
 */
public record Dropout(double share, long seed) {
  /** No dropout. */
  public static final Dropout NONE = new Dropout(0, 0);

  /** Factors 0 or 1/(1 − p), drawn from a block's seed and the index of the pair in the block. */
  private static final String TEXT =
      """
        def dropped(self: __torch__.M,
          x: Tensor,
          seed: Tensor,
          pair: int) -> Tensor:
          torch.manual_seed(int(seed) * 64 + pair)
          k = torch.ge(torch.rand(torch.size(x), dtype=6, device=x.device), SHARE)
          return torch.div(torch.to(k, x), 1. - SHARE)
      """;

  /** The seed of a pass. */
  public long of(long pass) {
    return (seed * 1_000_003 + pass) * 1_000_003;
  }

  /** The method that draws the factors; empty without dropout. */
  static String text(double share) {
    return share > 0 ? TEXT.replace("SHARE", Double.toString(share)) : "";
  }

  /** Refuses a LoRA pair at the head, which runs without a seed. */
  static void refusePair(@Nullable Run head) {
    if (head != null && !new ComposedLinears(head.nodes(), head.outputs()).isEmpty()) {
      throw new InputException(
          "lora.dropout is set, but there is a pair beside the head, which knows none: take the"
              + " head out of lora.targets, or set the dropout to 0");
    }
  }
}
