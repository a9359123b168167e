package io.lorashear.torch.compile;

/**
 * The key-value cache of a growing text: each call appends keys or values, (B, N, groups, headDim),
 * to those of earlier calls.
 *
 * <pre>
 *   kept(c, i, x, past)       returns all; c[i] may have free room after the first {@code past}
 *   shown(c, i, x, past, n)   returns all; c[i] becomes the last n, those a window still covers
 * </pre>
 *
 * With free room a token is written in place, and the cache is copied only when the room is used
 * up; only one text can continue from such a past. Without free room any number of texts can.
 */
enum Memory {
  /** For a cache that is returned to the caller: it is never written to again. */
  EXACT(""),

  /** For a single text: room for a quarter more, plus 64 tokens, is left free. */
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
