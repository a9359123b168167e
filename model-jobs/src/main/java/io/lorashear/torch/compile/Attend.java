package io.lorashear.torch.compile;

/**
 * Causal attention in blocks of a few query positions, so that most of the masked half of the
 * scores is never computed. The queries of one key-value head are rows of one matrix (grouped-query
 * attention, arXiv 2305.13245). For the positions i of a block and all j that the block's last
 * query attends to:
 *
 * <pre>
 *   z = scale · q[i] k[j]ᵀ          −∞ where i must not attend to j
 *   y[i] = softmax(z) v[j]
 * </pre>
 *
 * On a GPU, and where gradients are recorded, the engine's own kernel is used instead.
 */
final class Attend {
  /**
   * Query positions per block: few enough to skip nearly half of the scores, many enough for
   * efficient matrix products.
   */
  private static final int BLOCK = 64;

  /**
   * {@code attend(q, k, v, scale, seen)} with q as (B, T, heads, headDim), k and v as (B, keys,
   * groups, headDim), and {@code seen} empty for plain causal attention; otherwise it marks the
   * keys that each query attends to, as (T, keys) or (B, 1, T, keys), none of them later than the
   * query.
   */
  static final String TEXT =
      """
        def fused(self: __torch__.M,
          q: Tensor,
          k: Tensor,
          v: Tensor,
          scale: float,
          seen: List[Tensor]) -> Tensor:
          if torch.eq(torch.size(q, 1), 1):
            y = self.one(q, k, v, scale, seen)
          else:
            y = self.several(q, k, v, scale, seen)
          return y
        def one(self: __torch__.M,
          q: Tensor,
          k: Tensor,
          v: Tensor,
          scale: float,
          seen: List[Tensor]) -> Tensor:
          q = torch.unflatten(torch.squeeze(q, 1), 1, [torch.size(k, 2), -1])
          k = torch.transpose(k, 1, 2)
          v = torch.transpose(v, 1, 2)
          if torch.gt(torch.len(seen), 0):
            y = torch.scaled_dot_product_attention(q, k, v, seen[0], 0., False, scale=scale)
          else:
            y = torch.scaled_dot_product_attention(q, k, v, None, 0., False, scale=scale)
          return torch.unsqueeze(torch.flatten(y, 1, 2), 1)
        def several(self: __torch__.M,
          q: Tensor,
          k: Tensor,
          v: Tensor,
          scale: float,
          seen: List[Tensor]) -> Tensor:
          n = torch.floordiv(torch.size(q, 2), torch.size(k, 2))
          q = torch.transpose(q, 1, 2)
          k = torch.expand(torch.unsqueeze(k, 3), [-1, -1, -1, n, -1])
          v = torch.expand(torch.unsqueeze(v, 3), [-1, -1, -1, n, -1])
          k = torch.transpose(torch.flatten(k, 2, 3), 1, 2)
          v = torch.transpose(torch.flatten(v, 2, 3), 1, 2)
          t = torch.size(q, 2)
          e = torch.size(k, 2)
          if torch.gt(torch.len(seen), 0):
            y = torch.scaled_dot_product_attention(q, k, v, seen[0], 0., False, scale=scale)
          elif torch.eq(t, e):
            y = torch.scaled_dot_product_attention(q, k, v, None, 0., True, scale=scale)
          else:
            m = torch.tril(torch.ones([t, e], dtype=11, device=q.device), e - t)
            y = torch.scaled_dot_product_attention(q, k, v, m, 0., False, scale=scale)
          return torch.transpose(y, 1, 2)
        def blocked(self: __torch__.M,
          q: Tensor,
          k: Tensor,
          v: Tensor,
          scale: float,
          seen: List[Tensor]) -> Tensor:
          b = torch.size(k, 0)
          g = torch.size(k, 2)
          n = torch.floordiv(torch.size(q, 2), g)
          past = torch.size(k, 1) - torch.size(q, 1)
          q = torch.unflatten(torch.mul(q, scale), 2, [g, n])
          q = torch.flatten(torch.flatten(torch.permute(q, [0, 2, 1, 3, 4]), 2, 3), 0, 1)
          k = torch.flatten(torch.permute(k, [0, 2, 3, 1]), 0, 1)
          v = torch.flatten(torch.permute(v, [0, 2, 1, 3]), 0, 1)
          l = annotate(List[Tensor], [])
          for i in range(0, torch.floordiv(torch.size(q, 1), n), BLOCK):
            r = torch.slice(q, 1, i * n, (i + BLOCK) * n)
            t = torch.floordiv(torch.size(r, 1), n)
            e = past + i + t
            z = torch.bmm(r, torch.slice(k, 2, 0, e))
            s = torch.view(z, [b, g, t, n, e])
            if torch.gt(torch.len(seen), 0):
              m = torch.slice(torch.slice(seen[0], -2, i, i + t), -1, 0, e)
              s = torch.masked_fill_(s, torch.unsqueeze(torch.logical_not(m), -2), -inf)
            else:
              m = torch.triu(torch.ones([t, t], dtype=11, device=q.device), 1)
              s = torch.masked_fill_(torch.slice(s, -1, e - t), torch.unsqueeze(m, 1), -inf)
            l = torch.append(l, torch.bmm(torch.softmax(z, -1), torch.slice(v, 1, 0, e)))
          y = torch.unflatten(torch.unflatten(torch.cat(l, 1), 1, [-1, n]), 0, [b, g])
          return torch.flatten(torch.permute(y, [0, 2, 1, 3, 4]), 2, 3)
        def attend(self: __torch__.M,
          q: Tensor,
          k: Tensor,
          v: Tensor,
          scale: float,
          seen: List[Tensor]) -> Tensor:
          if q.is_cuda:
            y = self.fused(q, k, v, scale, seen)
          elif torch.is_grad_enabled():
            y = self.fused(q, k, v, scale, seen)
          else:
            y = self.blocked(q, k, v, scale, seen)
          return y
      """
          .replace("BLOCK", Integer.toString(BLOCK));

  private Attend() {}
}
