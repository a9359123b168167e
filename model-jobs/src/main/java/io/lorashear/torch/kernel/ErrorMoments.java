package io.lorashear.torch.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.engine.TorchModule;

/**
 * Corrects a matrix by what its inputs x (1, in) explain of its error e = t − W x, t being what it
 * should say.
 *
 * <pre>
 *   H = Σ xᵀx     R = Σ eᵀx     E = Σ ‖e‖²                            over all positions
 *   Δ = R (H + λD)⁻¹                        D = H's diagonal; 1 for an input that is always 0
 *
 *   Δ minimises Σ ‖e − Δ x‖² + λ tr ΔDΔᵀ:   W + Δ is the best matrix near W
 *   Σ ‖e − Δ x‖² = E − 2⟨Δ, R⟩ + ⟨Δ, ΔH⟩
 * </pre>
 *
 * With t = W₀x₀ of another model this is {@code W + (W₀C − WH)(H + λD)⁻¹}, C = Σ x₀ᵀx. Computed
 * from e, Δ is exactly 0 where e is, and no large sums are subtracted from each other. A bias is
 * one more column of W, whose input is 1.
 *
 * <p>Products of 2,048 positions at a time are in float32, their sums and the equations in float64.
 * Where H + λD is not positive definite in float64, λ is raised tenfold until it is.
 */
public final class ErrorMoments {
  private static final String TEXT =
      LeastSquares.FACTOR
          + """
            def add(self: __torch__.M,
              h: Tensor,
              r: Tensor,
              s: Tensor,
              x: Tensor,
              target: Tensor,
              said: Tensor) -> Tensor:
              f = torch.to(torch.flatten(x, 0, -2), h.device, 6)
              if torch.gt(torch.size(h, 0), torch.size(f, 1)):
                f = torch.cat([f, torch.ones_like(torch.slice(f, 1, 0, 1))], 1)
              else:
                pass
              e = torch.to(torch.flatten(torch.sub(target, said), 0, -2), h.device, 6)
              for i in range(0, torch.size(f, 0), 2048):
                p = torch.slice(f, 0, i, i + 2048)
                q = torch.slice(e, 0, i, i + 2048)
                k = torch.add_(h, torch.mm(torch.t(p), p))
                k = torch.add_(r, torch.mm(torch.t(q), p))
                k = torch.add_(s, torch.sum(torch.mul(q, q)))
              return h
            def correction(self: __torch__.M,
              h: Tensor,
              r: Tensor,
              kept: Tensor,
              damping: Tensor) -> List[Tensor]:
              b = torch.index_select(torch.index_select(h, 0, kept), 1, kept)
              a = torch.clone(b)
              f = self.factor(a, damping)
              c = torch.index_select(r, 1, kept)
              s = torch.t(torch.cholesky_solve(torch.t(c), f[0]))
              y = torch.index_copy(torch.zeros_like(torch.to(r, 6)), 1, kept, torch.to(s, 6))
              g = torch.sum(torch.mul(s, torch.mul(c, 2.) - torch.matmul(s, b)))
              return [y, f[1], g]
          """;

  private final NDManager scope;
  private final NDArray h; // (in, in)
  private final NDArray r; // (out, in)
  private final NDArray squares; // ()
  private long count;

  /**
   * Sums of nothing, kept in {@code scope}.
   *
   * @param in inputs, with that of the bias if there is one
   * @param out outputs
   */
  public ErrorMoments(NDManager scope, int in, int out) {
    this.scope = scope;
    this.h = scope.zeros(new Shape(in, in), DataType.FLOAT64);
    this.r = scope.zeros(new Shape(out, in), DataType.FLOAT64);
    this.squares = scope.zeros(new Shape(), DataType.FLOAT64);
  }

  /**
   * A correction.
   *
   * @param update Δ (out, in), float32: zero in columns that are not kept
   * @param damping the λ used; NaN if H is no sum of finite xᵀx
   * @param before mean of e² over positions and outputs
   * @param after the same once Δ is added; not above {@code before}
   */
  public record Correction(NDArray update, double damping, double before, double after) {}

  /**
   * Adds the positions of one batch.
   *
   * @param x (…, in), or without the input of the bias
   * @param target t, (…, out)
   * @param said W x with its bias, (…, out)
   */
  public void add(NDArray x, NDArray target, NDArray said) {
    var call = module().call(scope, "add").with(h).with(r).with(squares);
    call.with(x).with(target).with(said).run().close();
    count += target.size();
  }

  /**
   * Δ over all positions that were added.
   *
   * @param kept int64, the columns that Δ may have; not empty
   * @param damping λ in (0, 1]
   */
  public Correction correction(NDArray kept, double damping) {
    var call = module().call(scope, "correction").with(h).with(r).with(kept);
    var results = call.with(new double[] {damping}).run();
    double used = LeastSquares.used(damping, results.get(1));
    double before = HostArrays.doubles(squares.reshape(1))[0] / Math.max(1, count);
    double gain = HostArrays.doubles(results.get(2).reshape(1))[0] / Math.max(1, count);
    return new Correction(results.get(0), used, before, Math.max(0, before - gain));
  }

  private static TorchModule module() {
    return TorchModule.of(TEXT);
  }
}
