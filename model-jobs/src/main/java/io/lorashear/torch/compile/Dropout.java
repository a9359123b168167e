package io.lorashear.torch.compile;

import io.lorashear.InputException;
import org.jspecify.annotations.Nullable;

/**
 * Numbers that go into LoRA pairs are left out while they learn:
 *
 * <pre>
 *   y = W x + s·B(A (x∘m))          m_i = 0 with probability p, else 1/(1 − p)
 * </pre>
 *
 * drawn anew for each pair, token and pass that has a seed; the same seeds give the same bits.
 *
 * @param share p, in [0, 1)
 * @param seed of all that is drawn
 */
public record Dropout(double share, long seed) {
  /** Nothing is left out. */
  public static final Dropout NONE = new Dropout(0, 0);

  /** Factors 0 or 1/(1 − p), of a block's seed and the number of a pair in it. */
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

  /** The method that draws, where anything is left out. */
  static String text(double share) {
    return share > 0 ? TEXT.replace("SHARE", Double.toString(share)) : "";
  }

  /** The head runs without a seed. */
  static void refusePair(@Nullable Run head) {
    if (head != null && !new ComposedLinears(head.nodes(), head.outputs()).isEmpty()) {
      throw new InputException(
          "lora.dropout is set, but there is a pair beside the head, which knows none: take the"
              + " head out of lora.targets, or set the dropout to 0");
    }
  }
}
