package io.lorashear.torch.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.engine.TorchModule;

/**
 * Updates a matrix that loses some of its inputs so that the kept inputs compensate for them.
 *
 * <pre>
 *   H = Σ xᵀx                                     second moments of the inputs x (1, in)
 *   Δ_K = W_R H_RK (H_KK + μI)⁻¹                  μ = damping · mean of H_KK's diagonal
 *
 *   Δ_K minimises Σ ‖W_R x_R − Δ_K x_K‖² + μ‖Δ_K‖²:  W_K + Δ_K on the kept inputs K is the best
 *   approximation of W on all inputs, including the removed ones, R
 * </pre>
 *
 * Solved by Cholesky factorisation in double precision.
 */
public final class LeastSquares {
  /**
   * The Cholesky factor of A + λ diag A, which A becomes, and (times that λ was raised tenfold,
   * whether it failed).
   */
  static final String FACTOR =
      """
        def factor(self: __torch__.M,
          a: Tensor,
          damping: Tensor) -> List[Tensor]:
          d = torch.diagonal(a)
          o = torch.where(torch.gt(d, 0.), d, torch.ones_like(d)) # any number will do beside zeros
          u = float(damping)
          n = 0
          k = torch.add_(d, o, alpha=u)
          l, e, = torch.linalg_cholesky_ex(a)
          for i in range(12):
            if torch.gt(int(e), 0):
              if torch.lt(u, 1.):
                k = torch.add_(d, o, alpha=9. * u)
                u = 10. * u
                n = n + 1
                l, e, = torch.linalg_cholesky_ex(a)
              else:
                pass
            else:
              pass
          return [l, torch.tensor([n, int(e)])]
      """;

  private static final String TEXT =
      FACTOR
          + """
            def moments(self: __torch__.M,
              h: Tensor,
              x: Tensor) -> Tensor:
              f = torch.to(torch.flatten(x, 0, -2), h.device, 6)
              if torch.eq(h.dtype, 7):
                for i in range(0, torch.size(f, 0), 2048):
                  p = torch.slice(f, 0, i, i + 2048)
                  k = torch.add_(h, torch.mm(torch.t(p), p))
              else:
                k = torch.addmm_(h, torch.t(f), f)
              return h
            def update(self: __torch__.M,
              w: Tensor,
              h: Tensor,
              kept: Tensor,
              gone: Tensor,
              damping: Tensor) -> Tensor:
              rows = torch.to(torch.index_select(h, 0, kept), 7)
              a = torch.index_select(rows, 1, kept)
              c = torch.index_select(rows, 1, gone)
              d = torch.diagonal(a)
              m = torch.clamp(torch.mean(d) * float(damping), 1.0e-20)
              k = torch.add_(d, m)
              v = torch.to(torch.index_select(torch.to(w, h), 1, gone), 7)
              s = torch.cholesky_solve(torch.matmul(c, torch.t(v)), torch.linalg_cholesky(a))
              y = torch.zeros_like(torch.to(w, h.device, 6))
              return torch.index_copy(y, 1, kept, torch.to(torch.t(s), 6))
            def refit(self: __torch__.M,
              w: Tensor,
              h: Tensor,
              kept: Tensor,
              gone: Tensor,
              damping: Tensor) -> List[Tensor]:
              rows = torch.to(torch.index_select(h, 0, kept), 7)
              a = torch.index_select(rows, 1, kept)
              c = torch.index_select(rows, 1, gone)
              f = self.factor(a, damping)
              v = torch.to(torch.index_select(torch.to(w, h.device, 6), 1, gone), 7)
              s = torch.cholesky_solve(torch.matmul(c, torch.t(v)), f[0])
              y = torch.zeros_like(torch.to(w, h.device, 6))
              y = torch.index_copy(y, 1, kept, torch.to(torch.t(s), 6))
              return [y, f[1]]
            def unexplained(self: __torch__.M,
              h: Tensor,
              columns: Tensor,
              damping: Tensor) -> List[Tensor]:
              a = torch.clone(torch.to(h, 7))
              f = self.factor(a, damping)
              p = torch.unsqueeze(columns, 2) * torch.size(h, 0) + torch.unsqueeze(columns, 1)
              s = torch.take(torch.cholesky_inverse(f[0]), p)
              l, e, = torch.linalg_cholesky_ex(s)
              r = torch.sum(torch.diagonal(torch.cholesky_inverse(l), 0, 1, 2), [1])
              t = torch.sum(torch.take(torch.clone(torch.diagonal(a)), columns), [1])
              return [torch.div(r, t), f[1]]
            def losses(self: __torch__.M,
              w: Tensor,
              h: Tensor,
              columns: Tensor,
              damping: Tensor) -> Tensor:
              a = torch.to(h, 7)
              d = torch.diagonal(a)
              m = torch.clamp(torch.mean(d) * float(damping), 1.0e-20)
              b = torch.diag_embed(torch.zeros_like(d) + m)
              i = torch.cholesky_inverse(torch.linalg_cholesky(torch.add(a, b)))
              p = torch.unsqueeze(columns, 2) * torch.size(h, 0) + torch.unsqueeze(columns, 1)
              s = torch.take(i, p)
              c = torch.permute(torch.to(torch.to(w, h), 7)[:, columns], [1, 2, 0])
              y = torch.cholesky_solve(c, torch.linalg_cholesky(s))
              return torch.sum(torch.mul(c, y), [1, 2])
          """;

  private LeastSquares() {}

  /**
   * The result of {@link #refit}.
   *
   * @param update Δ (out, in): zero in the columns of R; on the device of h
   * @param damping the λ used, larger than requested if H_KK + λD could not be factorised with
   *     that; NaN if it could not be with λ ≥ 1 either, because H is not a sum of finite xᵀx
   */
  public record Refit(NDArray update, double damping) {}

  /**
   * {@code h ← h + Σ xᵀx} in place: h (in, in), x (…, in). If h is float64, the products of 2,048
   * rows at a time are computed in float32 and summed in float64.
   */
  public static void addMoments(NDArray h, NDArray x) {
    module().call(h, "moments").with(h).with(x).run().close();
  }

  /**
   * Δ (out, in): zero in the columns of R; on the device of h.
   *
   * @param w (out, in), before R is removed
   * @param h (in, in)
   * @param kept int64, K; not empty
   * @param gone int64, R; not empty
   * @param damping in (0, 1]
   */
  public static NDArray update(
      NDManager scope, NDArray w, NDArray h, NDArray kept, NDArray gone, double damping) {
    var call = module().call(scope, "update").with(w).with(h).with(kept).with(gone);
    return call.with(damping).run().get(0); // (out, in)
  }

  /**
   * Δ with a damping scaled to each input. Some inputs of a language model are thousands of times
   * larger than the others (Massive Activations, arXiv 2402.17762), so that a share of the mean
   * square would exceed the second moments of all others.
   *
   * <pre>
   *   Δ_K = W_R H_RK (H_KK + λD)⁻¹           D = H_KK's diagonal; 1 for an input that is always 0
   * </pre>
   *
   * Where H_KK + λD is not positive definite in double precision, λ is raised tenfold until it is.
   *
   * @param w (out, in), before R is removed
   * @param h (in, in)
   * @param kept int64, K; not empty
   * @param gone int64, R; not empty
   * @param damping λ in (0, 1]
   */
  public static Refit refit(
      NDManager scope, NDArray w, NDArray h, NDArray kept, NDArray gone, double damping) {
    var call = module().call(scope, "refit").with(w).with(h).with(kept).with(gone);
    var results = call.with(new double[] {damping}).run();
    return new Refit(results.get(0), used(damping, results.get(1)));
  }

  /** The damping that {@code raised}, (times, failed), says; NaN if it failed. */
  static double used(double damping, NDArray raised) {
    var numbers = HostArrays.here(raised);
    return numbers[1] > 0 ? Double.NaN : damping * Math.pow(10, (int) numbers[0]);
  }

  /**
   * The result of {@link #unexplained}.
   *
   * @param shares u float64 (groups,), in (0, 1]
   * @param damping as of a {@link Refit}
   */
  public record Unexplained(NDArray shares, double damping) {}

  /**
   * The share of each group of columns that linear combinations of the other columns leave, with
   * the damping of {@link #refit}.
   *
   * <pre>
   *   u_g = tr ([A⁻¹]_gg)⁻¹ / tr A_gg           A = H + λD
   * </pre>
   *
   * @param h (in, in)
   * @param columns int64 (groups, columns per group)
   * @param damping λ in (0, 1]
   */
  public static Unexplained unexplained(
      NDManager scope, NDArray h, NDArray columns, double damping) {
    var call = module().call(scope, "unexplained").with(h).with(columns);
    var results = call.with(new double[] {damping}).run();
    return new Unexplained(results.get(0), used(damping, results.get(1)));
  }

  /**
   * The loss from removing each group of columns when all others compensate for it as well as
   * possible (Optimal Brain Surgeon; for one column, ‖W_j‖²/[(H + μI)⁻¹]_jj):
   *
   * <pre>
   *   s_g = tr W_g ([(H + μI)⁻¹]_gg)⁻¹ W_gᵀ                μ = damping · mean of H's diagonal
   * </pre>
   *
   * @param w (out, in)
   * @param h (in, in)
   * @param columns int64 (groups, columns per group)
   * @param damping in (0, 1]
   * @return float64 (groups,)
   */
  public static NDArray losses(
      NDManager scope, NDArray w, NDArray h, NDArray columns, double damping) {
    var call = module().call(scope, "losses").with(w).with(h).with(columns);
    return call.with(damping).run().get(0); // (groups,)
  }

  private static TorchModule module() {
    return TorchModule.of(TEXT);
  }
}
