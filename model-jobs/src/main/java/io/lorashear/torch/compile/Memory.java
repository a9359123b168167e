package io.lorashear.torch.compile;

/**
 * Keys or values of a text that grows, each as (B, N, groups, headDim) behind those of earlier
 * calls.
 *
 * <pre>
 *   kept(c, i, x, past)       all; c[i] may have room behind the first {@code past} of them
 *   shown(c, i, x, past, n)   all; c[i] becomes the last n, what a window shows of them later
 * </pre>
 *
 * With room a token is written where it stays, and nothing is copied but when the room is used up.
 * Then a past has one text that goes on from it; without, any number have.
 */
enum Memory {
  /** Of what is handed out: it is never written to again. */
  EXACT(""),

  /** Of one text: a quarter again is left free. */
  ROOMY(
      """
            free = torch.floordiv(n, 4) + 64
            l = torch.append(l, torch.new_empty(x, [torch.size(x, 0), free] + torch.size(x)[2:]))
      """);

  private static final String TEXT =
      """
        def kept(self: __torch__.M,
          c: List[Tensor],
          i: int,
          x: Tensor,
          past: int) -> Tensor:
          n = past + torch.size(x, 1)
          l = annotate(List[Tensor], [])
          room = False
          if torch.gt(past, 0):
            room = torch.ge(torch.size(c[i], 1), n)
            l = [torch.slice(c[i], 1, 0, past)]
          else:
            pass
          if room:
            k = torch.copy_(torch.slice(c[i], 1, past, n), x)
          else:
            l = torch.append(l, x)
      FREE      k = torch._set_item(c, i, torch.cat(l, 1))
          return torch.slice(c[i], 1, 0, n)
        def shown(self: __torch__.M,
          c: List[Tensor],
          i: int,
          x: Tensor,
          past: int,
          back: int) -> Tensor:
          y = x
          if torch.gt(past, 0):
            y = torch.cat([c[i], x], 1)
          else:
            pass
          k = torch._set_item(c, i, torch.slice(y, 1, ops.prim.max(0, torch.size(y, 1) - back)))
          return y
      """;

  private final String free;

  Memory(String free) {
    this.free = free;
  }

  /** Both methods. */
  String methods() {
    return TEXT.replace("FREE", free);
  }
}
