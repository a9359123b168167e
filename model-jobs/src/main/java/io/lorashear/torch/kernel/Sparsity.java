package io.lorashear.torch.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.engine.TorchModule;

/**
 * Pruning of single weights, chosen for a whole matrix at a time.
 *
 * <pre>
 *   without    weights ← 0 of the k smallest in every run of n scores, row after row
 *   surgery    SparseGPT's sweep (arXiv 2301.00774, Algorithm 1)
 *   fold       W ← W + s·(B A)∘[W ≠ 0]
 * </pre>
 *
 * Of equal scores the earlier weight is removed, so that the same numbers give the same mask.
 */
public final class Sparsity {
  private static final String TEXT =
      """
        def lowest(self: __torch__.M,
          s: Tensor,
          run: int,
          count: int) -> Tensor:
          r = torch.reshape(s, [-1, run])
          o = torch.argsort(r, stable=True, dim=-1, descending=False)
          m = torch.zeros_like(r, dtype=11)
          m = torch.scatter(m, 1, torch.slice(o, 1, 0, count), True)
          return torch.reshape(m, torch.size(s))
        def without(self: __torch__.M,
          w: Tensor,
          s: Tensor,
          run: Tensor,
          count: Tensor) -> Tensor:
          return torch.masked_fill(w, self.lowest(s, int(run), int(count)), 0.)
        def zeros(self: __torch__.M,
          w: Tensor) -> Tensor:
          return torch.sum(torch.eq(w, 0.))
        def put(self: __torch__.M,
          w: Tensor,
          y: Tensor) -> Tensor:
          return torch.copy_(w, y)
        def fold(self: __torch__.M,
          w: Tensor,
          a: Tensor,
          b: Tensor,
          scale: Tensor) -> Tensor:
          p = torch.masked_fill(torch.mm(torch.to(b, w), torch.to(a, w)), torch.eq(w, 0.), 0.)
          return torch.add_(w, torch.mul_(p, float(scale)))
        def factor(self: __torch__.M,
          h: Tensor,
          damping: float) -> Tensor:
          a = torch.to(h, 7)
          d = torch.diagonal(a)
          m = float(torch.mean(d)) * damping
          if torch.gt(m, 0.):
            k = torch.add_(d, m)
          else:
            k = torch.add_(d, 1.)
          i = torch.cholesky_inverse(torch.linalg_cholesky(a))
          return torch.to(torch.linalg_cholesky(i, upper=True), 6)
        def until(self: __torch__.M,
          share: Tensor,
          v: Tensor,
          columns: int) -> int:
          return int(torch.floor(torch.to(share, 7) * (torch.size(v, 0) * columns) + 0.5))
        def surgery(self: __torch__.M,
          w: Tensor,
          h: Tensor,
          damping: Tensor,
          width: Tensor,
          share: Tensor,
          run: Tensor,
          count: Tensor) -> Tensor:
          u = self.factor(h, float(damping))
          v = torch.clone(torch.to(w, 6))
          n = torch.size(v, 1)
          b = int(width)
          g = int(run)
          for i in range(0, n, b):
            e = ops.prim.min(n, i + b)
            x = torch.slice(v, 1, i, e)
            p = torch.slice(torch.slice(u, 0, i, e), 1, i, e)
            d = torch.diagonal(p)
            m = torch.zeros_like(x, dtype=11)
            if torch.eq(g, 0):
              s = torch.pow(torch.div(x, d), 2)
              m = self.lowest(s, torch.numel(s), self.until(share, v, e) - self.until(share, v, i))
            else:
              pass
            r = torch.zeros_like(x)
            for j in range(e - i):
              if torch.gt(g, 0):
                if torch.eq(torch.remainder(j, g), 0):
                  s = torch.pow(torch.div(torch.slice(x, 1, j, j + g), torch.slice(d, 0, j, j + g)), 2)
                  k = torch.copy_(torch.slice(m, 1, j, j + g), self.lowest(s, g, int(count)))
                else:
                  pass
              else:
                pass
              c = torch.select(x, 1, j)
              q = torch.select(m, 1, j)
              f = torch.div(torch.mul(c, q), torch.select(d, 0, j))
              k = torch.copy_(torch.select(r, 1, j), f)
              a = torch.unsqueeze(torch.slice(torch.select(p, 0, j), 0, j), 0)
              k = torch.addmm_(torch.slice(x, 1, j), torch.unsqueeze(f, 1), a, beta=1., alpha=-1.)
              k = torch.masked_fill_(c, q, 0.)
            t = torch.slice(torch.slice(u, 0, i, e), 1, e)
            k = torch.addmm_(torch.slice(v, 1, e), r, t, beta=1., alpha=-1.)
          return v
      """;

  private Sparsity() {}

  /**
   * A copy of {@code w} in which the {@code count} weights with the smallest scores in every run
   * are zero.
   *
   * @param scores of the shape of {@code w}
   * @param run number of scores that are compared with each other; divides the number of all scores
   */
  public static NDArray without(NDManager scope, NDArray w, NDArray scores, long run, long count) {
    var call = module().call(scope, "without").with(w).with(scores);
    return call.with(run).with(count).run().get(0); // (out, in)
  }

  /**
   * {@code w} pruned by SparseGPT: {@code share} of every block of columns is removed or, if {@code
   * run} is not 0, {@code count} of every {@code run} neighbours in a row.
   *
   * @param w (out, in)
   * @param h second moments of the inputs (in, in)
   * @param damping in (0, 1]
   * @param width columns per block; {@code run} divides it
   */
  public static NDArray surgery(
      NDManager scope,
      NDArray w,
      NDArray h,
      double damping,
      long width,
      double share,
      long run,
      long count) {
    var call = module().call(scope, "surgery").with(w).with(h).with(damping).with(width);
    return call.with(share).with(run).with(count).run().get(0); // (out, in)
  }

  /** How many weights are zero. */
  public static long zeros(NDArray w) {
    try (var counted = module().call(w, "zeros").with(w).run()) {
      return HostArrays.longs(counted.get(0))[0];
    }
  }

  /** {@code w ← y} in place. */
  public static void put(NDArray w, NDArray y) {
    module().call(w, "put").with(w).with(y).run().close();
  }

  /** {@code W ← W + s·(B A)∘[W ≠ 0]} in place: w (out, in), a (rank, in), b (out, rank). */
  public static void fold(NDArray w, NDArray a, NDArray b, double scale) {
    module().call(w, "fold").with(w).with(a).with(b).with(scale).run().close();
  }

  private static TorchModule module() {
    return TorchModule.of(TEXT);
  }
}
