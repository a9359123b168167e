package io.lorashear.torch.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.lorashear.torch.engine.TorchModule;
import java.util.List;

/**
 * Optimiser steps over a whole list of parameters in one call. They use the parameters' own
 * gradients, accumulated by backward passes since {@link #zeroGradients}.
 */
public final class Kernels {
  private static final String TEXT =
      """
        def gradients(self: __torch__.M,
          x: List[Tensor]) -> List[Tensor]:
          g = annotate(List[Tensor], [])
          for p in x:
            g = torch.append(g, p.grad)
          return g
        def update(self: __torch__.M,
          rates: Tensor,
          x: List[Tensor],
          g: List[Tensor],
          m: List[Tensor],
          v: List[Tensor],
          n: List[Tensor]) -> int:
          rate = float(rates[0])
          b1 = float(rates[1])
          b2 = float(rates[2])
          epsilon = float(rates[3])
          decay = float(rates[4])
          torch._foreach_add_(n, 1)
          torch._foreach_mul_(x, 1. - rate * decay)
          torch._foreach_lerp_(m, g, 1. - b1)
          torch._foreach_mul_(v, b2)
          torch._foreach_addcmul_(v, g, g, 1. - b2)
          c = torch._foreach_mul(n, float(torch.log(rates[1])))
          torch._foreach_expm1_(c)
          torch._foreach_neg_(c)
          k = torch._foreach_mul(n, float(torch.log(rates[2])))
          torch._foreach_expm1_(k)
          torch._foreach_neg_(k)
          torch._foreach_sqrt_(k)
          d = torch._foreach_sqrt(v)
          torch._foreach_div_(d, k)
          torch._foreach_add_(d, epsilon)
          torch._foreach_mul_(d, c)
          torch._foreach_addcdiv_(x, m, d, -rate)
          return torch.len(x)
        def adamw(self: __torch__.M,
          rates: Tensor,
          x: List[Tensor],
          m: List[Tensor],
          v: List[Tensor],
          n: List[Tensor]) -> Tensor:
          g = self.gradients(x)
          if x[0].is_cuda:
            k = torch.len(x)
          else:
            k = 1
          for i in range(0, torch.len(x), k):
            j = i + k
            u = self.update(rates, x[i:j], g[i:j], m[i:j], v[i:j], n[i:j])
          return rates
        def norm(self: __torch__.M,
          x: List[Tensor]) -> Tensor:
          n = torch._foreach_norm(self.gradients(x))
          return torch.norm(torch.stack(n))
        def clip(self: __torch__.M,
          limit: Tensor,
          x: List[Tensor]) -> Tensor:
          n = self.norm(x)
          w = torch.to(n, 7)
          k = torch.div(torch.full_like(w, float(limit)), w)
          k = torch.where(torch.gt(w, float(limit)), k, torch.ones_like(w))
          torch._foreach_mul_(self.gradients(x), torch.to(k, 6))
          return n
        def start(self: __torch__.M,
          x: List[Tensor]) -> Tensor:
          for p in x:
            torch.backward(torch.sum(torch.mul(p, 0.)))
          return torch.zeros([0])
        def zero(self: __torch__.M,
          x: List[Tensor]) -> Tensor:
          torch._foreach_zero_(self.gradients(x))
          return torch.zeros([0])
      """;

  private Kernels() {}

  /**
   * One step of AdamW (Decoupled Weight Decay Regularization, arXiv 1711.05101), in place. Step
   * counts are tensors, so that rows whose state was cleared can restart independently. On a GPU
   * all parameters are updated at once; on a CPU each goes through the whole update while it is in
   * the cache.
   *
   * <pre>
   *   n ← n + 1
   *   x ← x − η·w·x
   *   m ← β₁m + (1 − β₁)g          v ← β₂v + (1 − β₂)g²
   *   x ← x − η · (m / (1 − β₁ⁿ)) / (√(v / (1 − β₂ⁿ)) + ε)
   * </pre>
   *
   * @param parameters x, each with a gradient g
   * @param first m, shapes of {@code parameters}
   * @param second v, shapes of {@code parameters}
   * @param steps n, float32, each broadcastable to its parameter: (1, 1), (rows, 1), (1,)
   */
  public static void adamW(
      List<NDArray> parameters,
      List<NDArray> first,
      List<NDArray> second,
      List<NDArray> steps,
      double rate,
      double beta1,
      double beta2,
      double epsilon,
      double decay) {
    var call = module().call(parameters.get(0), "adamw");
    call.with(new double[] {rate, beta1, beta2, epsilon, decay});
    call.with(parameters).with(first).with(second).with(steps).run().close();
  }

  /** The Euclidean norm of all gradients together: (). */
  public static NDArray gradientNorm(NDManager scope, List<NDArray> parameters) {
    return module().call(scope, "norm").with(parameters).run().get(0);
  }

  /**
   * Scales gradients down so that their norm is at most {@code limit}, without waiting for the
   * device.
   *
   * @return the norm before: ()
   */
  public static NDArray clipGradients(NDManager scope, List<NDArray> parameters, double limit) {
    return module().call(scope, "clip").with(limit).with(parameters).run().get(0);
  }

  /**
   * Makes these parameters accumulate gradients from now on, starting from zero. What this thread
   * computes with them outside of {@link TorchModule.Call#record} is not recorded.
   */
  public static void collectGradients(List<NDArray> parameters) {
    JniUtils.setGradMode(false); // DJL does so only on the thread that starts the engine
    parameters.forEach(x -> x.setRequiresGradient(true));
    // A first backward pass with nothing in it makes the engine allocate them.
    module().call(parameters.get(0), "start").with(parameters).record().close();
    zeroGradients(parameters);
  }

  /** Sets every gradient to zero. */
  public static void zeroGradients(List<NDArray> parameters) {
    module().call(parameters.get(0), "zero").with(parameters).run().close();
  }

  private static TorchModule module() {
    return TorchModule.of(TEXT);
  }
}
