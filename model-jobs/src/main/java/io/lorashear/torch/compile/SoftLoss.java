package io.lorashear.torch.compile;

/**
 * The loss of a student that is trained on the next token and on a teacher's predictions of it.
 *
 * <pre>
 *   K      the teacher's k most likely tokens; all others are one bucket, the tail
 *   b      = (log p_i for i in K, log Σ_{j∉K} p_j)      p = softmax(z), likewise the teacher's b′
 *   r      = softmax(b / T),  s = softmax(b′ / T)
 *   loss   = −(1 − a) log p_c + a T² Σ s (log s − log r)
 *
 *   ∂loss/∂z_j = (1 − a) (p_j − [j = c]) + a T (r_j − s_j)                 j in K
 *              = (1 − a) (p_j − [j = c]) + a T (r_tail − s_tail) p_j / p_tail    else
 * </pre>
 *
 * Distillation of Hinton, Vinyals and Dean (arXiv 1503.02531) on k + 1 buckets. Because the tail is
 * one of the buckets, the probabilities in K keep their values; renormalised over K they would make
 * the student overconfident (Sparse Logit Sampling, arXiv 2503.16870). At T = 1 this divergence is
 * at most that of the full distributions; if K is the whole vocabulary it equals theirs for every
 * T. A bucket to which the teacher gives probability 0 (a tail of −∞) is left out of both.
 */
final class SoftLoss {
  /**
   * Takes log p in {@code d} (rows, vocabulary), turns it into ∂loss/∂z in place and returns the
   * sum of the losses. {@code soft}: ids int32 (N, k), b′ (N, k + 1), a and T; {@code q} has the
   * indices of the rows in it.
   */
  static final String TEXT =
      """
        def soften(self: __torch__.M,
          d: Tensor,
          c: Tensor,
          q: Tensor,
          soft: List[Tensor]) -> Tensor:
          u = torch.to(torch.index_select(soft[0], 0, q), 4)
          b = torch.index_select(soft[1], 0, q)
          a = float(soft[2])
          t = float(soft[3])
          l = torch.sum(torch.gather(d, 1, c)) * (a - 1.)
          x = torch.gather(d, 1, u)
          d = torch.exp_(d)
          d = torch.scatter_(d, 1, u, 0.)
          p = torch.clamp_min(torch.sum(d, [-1], True), 1e-37)
          n = torch.eq(b, -inf)
          s = torch.log_softmax(torch.div(b, t), -1)
          r = torch.masked_fill(torch.cat([x, torch.log(p)], 1), n, -inf)
          r = torch.log_softmax(torch.div(r, t), -1)
          e = torch.exp(s)
          l = l + torch.sum(torch.masked_fill(torch.mul(e, s - r), n, 0.)) * (a * t * t)
          e = torch.mul(torch.exp(r) - e, a * t)
          k = torch.size(u, 1)
          d = torch.mul_(d, torch.div(torch.slice(e, 1, k), p) + (1. - a))
          g = torch.mul(torch.exp(x), 1. - a) + torch.slice(e, 1, 0, k)
          d = torch.scatter_(d, 1, u, g)
          d = torch.scatter_add_(d, 1, c, torch.full_like(torch.to(c, 6), a - 1.))
          return l
      """;

  private SoftLoss() {}
}
