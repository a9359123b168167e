package io.lorashear.torch.kernel;

/**
 * Sums of values by group, with the same bits in every run.
 *
 * <pre>
 *   s_g ← s_g + Σ_{i: owner_i = g} q_i
 *
 *   CPU     index_add, which adds in the order of i
 *   CUDA    index_put with accumulation, which sorts by group first; index_add would add by atomic
 *           operations, in any order
 * </pre>
 */
final class GroupSums {
  /** The method {@code added(s, owners, q)} of a module's text; it may overwrite s. */
  static final String TEXT =
      """
        def added(self: __torch__.M,
          s: Tensor,
          owners: Tensor,
          q: Tensor) -> Tensor:
          if s.is_cuda:
            t = torch.index_put_(s, annotate(List[Optional[Tensor]], [owners]), q, True)
          else:
            t = torch.index_add(s, 0, owners, q)
          return t
      """;

  private GroupSums() {}
}
