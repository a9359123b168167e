package io.lorashear.torch.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.engine.TorchModule;
import java.util.Arrays;

/**
 * What pruning of LoRA components computes for one factor W of a pair: B (out, r) or, with {@link
 * Side#A}, Aᵀ, which is given as A (r, in). G is the gradient of W, K the remaining components:
 *
 * <pre>
 *   H ← β·H + (1 − β)·GᵀG                                    (r, r)
 *   V = (H_KK + μI)⁻¹                                        μ = damping · mean of H_KK's diagonal
 *   S_j = ½‖W_j‖² / V_jj − ⟨W_j, (G_K V)_j⟩ / V_jj           (K)
 *   W_K ← W_K − W_M (V_MM)⁻¹ V_M,:                           M ⊂ K is removed; W_M becomes 0
 * </pre>
 *
 * H is held in float32, everything else is computed in double precision by Cholesky factorisation.
 */
public final class RankKernels {
  /** Which factor of BA is given. */
  public enum Side {
    /** (r, in): components are rows. */
    A,
    /** (out, r): components are columns. */
    B
  }

  private static final String TEXT =
      """
        def columns(self: __torch__.M,
          x: Tensor,
          rows: Tensor) -> Tensor:
          if bool(rows):
            y = torch.t(x)
          else:
            y = x
          return y
        def moments(self: __torch__.M,
          h: Tensor,
          g: Tensor,
          rows: Tensor,
          beta: Tensor) -> Tensor:
          x = self.columns(g, rows)
          return torch.addmm_(h, torch.t(x), x, beta=float(beta), alpha=1. - float(beta))
        def inverse(self: __torch__.M,
          h: Tensor,
          kept: Tensor,
          damping: Tensor) -> Tensor:
          a = torch.index_select(torch.index_select(torch.to(h, 7), 0, kept), 1, kept)
          d = torch.diagonal(a)
          k = torch.add_(d, torch.clamp(torch.mean(d) * float(damping), 1.0e-20))
          l, info, = torch.linalg_cholesky_ex(a)
          return torch.cholesky_inverse(l)
        def scores(self: __torch__.M,
          w: Tensor,
          g: Tensor,
          h: Tensor,
          kept: Tensor,
          damping: Tensor,
          rows: Tensor) -> Tensor:
          v = self.inverse(h, kept, damping)
          x = torch.to(torch.index_select(self.columns(w, rows), 1, kept), 7)
          y = torch.to(torch.index_select(self.columns(g, rows), 1, kept), 7)
          z = torch.matmul(y, v)
          s = torch.mul(torch.sum(torch.mul(x, x), [0]), 0.5) - torch.sum(torch.mul(x, z), [0])
          return torch.div(s, torch.diagonal(v))
        def compensate(self: __torch__.M,
          w: Tensor,
          h: Tensor,
          kept: Tensor,
          gone: Tensor,
          damping: Tensor,
          rows: Tensor) -> Tensor:
          v = self.inverse(h, kept, damping)
          y = self.columns(w, rows)
          x = torch.to(torch.index_select(y, 1, kept), 7)
          p = torch.index_select(v, 0, gone)
          l, info, = torch.linalg_cholesky_ex(torch.index_select(p, 1, gone))
          x = x - torch.matmul(torch.index_select(x, 1, gone), torch.cholesky_solve(p, l))
          return torch.index_copy_(y, 1, kept, torch.to(x, y))
        def drop(self: __torch__.M,
          x: Tensor,
          gone: Tensor,
          rows: Tensor) -> Tensor:
          return torch.index_fill_(self.columns(x, rows), 1, gone, 0.)
        def magnitudes(self: __torch__.M,
          a: Tensor,
          b: Tensor) -> Tensor:
          return torch.mul(torch.norm(torch.to(a, 7), 2, [1]), torch.norm(torch.to(b, 7), 2, [0]))
        def products(self: __torch__.M,
          a: Tensor,
          b: Tensor,
          p: Tensor,
          q: Tensor) -> Tensor:
          x = torch.sum(torch.abs(torch.mul(torch.to(a, 7), torch.to(p, 7))), [1])
          return torch.add(x, torch.sum(torch.abs(torch.mul(torch.to(b, 7), torch.to(q, 7))), [0]))
        def sensitivity(self: __torch__.M,
          w: Tensor,
          g: Tensor,
          i: Tensor,
          u: Tensor,
          beta1: Tensor,
          beta2: Tensor) -> Tensor:
          s = torch.abs(torch.mul(w, g))
          i = torch.add_(torch.mul_(i, float(beta1)), s, alpha=1. - float(beta1))
          d = torch.abs(torch.sub(s, i))
          return torch.add_(torch.mul_(u, float(beta2)), d, alpha=1. - float(beta2))
        def certain(self: __torch__.M,
          i: Tensor,
          u: Tensor,
          rows: Tensor) -> Tensor:
          return torch.mean(torch.to(self.columns(torch.mul(i, u), rows), 7), [0])
        def root(self: __torch__.M,
          s: Tensor) -> Tensor:
          return torch.rsqrt(torch.clamp(s, 1.0e-20))
        def turn(self: __torch__.M,
          a: Tensor,
          b: Tensor,
          p: Tensor,
          q: Tensor,
          kept: Tensor) -> Tensor:
          x = torch.to(torch.index_select(b, 1, kept), 7)
          y = torch.to(torch.t(torch.index_select(a, 0, kept)), 7)
          e, f, = torch.linalg_qr(x)
          c, d, = torch.linalg_qr(y)
          u, s, v, = torch.linalg_svd(torch.matmul(f, torch.t(d)), False)
          n = torch.len(s)
          r = self.root(s)
          left = torch.zeros_like(x)
          k = torch.copy_(torch.slice(left, 1, 0, n), torch.matmul(e, torch.mul(u, torch.sqrt(s))))
          right = torch.zeros_like(y)
          k = torch.copy_(torch.slice(right, 1, 0, n), torch.matmul(c, torch.mul(torch.t(v), torch.sqrt(s))))
          gb = torch.zeros_like(x)
          t = torch.matmul(torch.t(f), torch.mul(u, r))
          k = torch.copy_(torch.slice(gb, 1, 0, n), torch.matmul(torch.to(torch.index_select(q, 1, kept), 7), t))
          ga = torch.zeros_like(y)
          t = torch.matmul(torch.t(d), torch.mul(torch.t(v), r))
          k = torch.copy_(torch.slice(ga, 1, 0, n), torch.matmul(torch.to(torch.t(torch.index_select(p, 0, kept)), 7), t))
          k = torch.index_copy_(b, 1, kept, torch.to(left, 6))
          k = torch.index_copy_(a, 0, kept, torch.to(torch.t(right), 6))
          k = torch.index_copy_(q, 1, kept, torch.to(gb, 6))
          k = torch.index_copy_(p, 0, kept, torch.to(torch.t(ga), 6))
          return torch.constant_pad_nd(s, [0, torch.len(kept) - n])
      """;

  private RankKernels() {}

  /** {@code H ← β·H + (1 − β)·GᵀG} in place. */
  public static void addMoments(NDArray h, NDArray g, Side side, double beta) {
    module().call(h, "moments").with(h).with(g).with(rows(side)).with(beta).run().close();
  }

  /** S of the components {@code kept}. */
  public static double[] scores(
      NDArray w, NDArray g, NDArray h, int[] kept, double damping, Side side) {
    try (var scope = w.getManager().newSubManager()) {
      var call = module().call(scope, "scores").with(w).with(g).with(h);
      call.with(sent(scope, kept)).with(damping).with(rows(side));
      return HostArrays.doubles(call.run().get(0));
    }
  }

  /**
   * {@code W_K ← W_K − W_M (V_MM)⁻¹ V_M,:} in place.
   *
   * @param gone M, as indices into {@code kept}
   */
  public static void compensate(
      NDArray w, NDArray h, int[] kept, int[] gone, double damping, Side side) {
    try (var scope = w.getManager().newSubManager()) {
      var call = module().call(scope, "compensate").with(w).with(h);
      call.with(sent(scope, kept)).with(sent(scope, gone)).with(damping).with(rows(side)).run();
    }
  }

  /** {@code x_M ← 0} in place. */
  public static void drop(NDArray x, int[] gone, Side side) {
    try (var scope = x.getManager().newSubManager()) {
      module().call(scope, "drop").with(x).with(sent(scope, gone)).with(rows(side)).run();
    }
  }

  /** ‖A_j‖·‖B_j‖ of all components. */
  public static double[] magnitudes(NDArray a, NDArray b) {
    try (var scope = a.getManager().newSubManager()) {
      return HostArrays.doubles(module().call(scope, "magnitudes").with(a).with(b).run().get(0));
    }
  }

  /**
   * Σ|A_j·P_j| + Σ|B_j·Q_j| of all components.
   *
   * @param p of A's shape
   * @param q of B's shape
   */
  public static double[] absoluteProducts(NDArray a, NDArray b, NDArray p, NDArray q) {
    try (var scope = a.getManager().newSubManager()) {
      var call = module().call(scope, "products").with(a).with(b).with(p).with(q);
      return HostArrays.doubles(call.run().get(0));
    }
  }

  /**
   * In place, element by element:
   *
   * <pre>
   *   I ← β₁I + (1 − β₁)·|w·g|        U ← β₂U + (1 − β₂)·| |w·g| − I |
   * </pre>
   */
  public static void sensitivity(
      NDArray w, NDArray g, NDArray i, NDArray u, double beta1, double beta2) {
    var call = module().call(w, "sensitivity").with(w).with(g).with(i).with(u);
    call.with(beta1).with(beta2).run().close();
  }

  /** The mean of I·U over the elements of each component. */
  public static double[] certainty(NDArray i, NDArray u, Side side) {
    try (var scope = i.getManager().newSubManager()) {
      var call = module().call(scope, "certain").with(i).with(u).with(rows(side));
      return HostArrays.doubles(call.run().get(0));
    }
  }

  /**
   * Transforms the components {@code kept} into singular directions, in place, and the gradients
   * with them:
   *
   * <pre>
   *   BA = U Σ Vᵀ      B ← U Σ^½    A ← Σ^½ Vᵀ
   *   with T:  B′ = B T,  A′ = T⁻¹ A      G_B ← G_B T⁻ᵀ    G_A ← Tᵀ G_A
   * </pre>
   *
   * @param p gradient of A
   * @param q gradient of B
   * @return Σ, the largest first; 0 for components beyond the matrix's own rank
   */
  public static double[] turn(NDArray a, NDArray b, NDArray p, NDArray q, int[] kept) {
    try (NDManager scope = a.getManager().newSubManager()) {
      var call = module().call(scope, "turn").with(a).with(b).with(p).with(q);
      return HostArrays.doubles(call.with(sent(scope, kept)).run().get(0));
    }
  }

  private static long rows(Side side) {
    return side == Side.A ? 1 : 0;
  }

  private static NDArray sent(NDManager scope, int[] places) {
    return HostArrays.send(scope, Arrays.stream(places).asLongStream().toArray());
  }

  private static TorchModule module() {
    return TorchModule.of(TEXT);
  }
}
