package io.lorashear.torch.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.engine.TorchModule;
import java.util.Collection;
import java.util.List;

/**
 * Arithmetic on arrays and one number, or on two lists of arrays, in one call. The number stays in
 * host memory; DJL's own operators would send it to the device.
 */
public final class Arithmetic {
  private static final String TEXT =
      """
        def times(self: __torch__.M,
          x: Tensor,
          by: Tensor) -> Tensor:
          return torch.mul(x, by)
        def over(self: __torch__.M,
          x: Tensor,
          by: Tensor) -> Tensor:
          return torch.div(x, by)
        def approach(self: __torch__.M,
          x: Tensor,
          kept: Tensor,
          rest: Tensor) -> Tensor:
          return torch.add_(torch.mul_(x, kept), rest)
        def add(self: __torch__.M,
          share: Tensor,
          x: List[Tensor],
          y: List[Tensor]) -> Tensor:
          for i in range(torch.len(x)):
            k = torch.add_(x[i], torch.mul(y[i], share))
          return share
        def mean(self: __torch__.M,
          share: Tensor,
          x: List[Tensor],
          y: List[Tensor]) -> Tensor:
          for i in range(torch.len(x)):
            k = torch.add_(x[i], torch.mul(torch.sub(y[i], x[i]), share))
          return share
        def columns(self: __torch__.M,
          x: List[Tensor],
          y: List[Tensor]) -> Tensor:
          for i in range(torch.len(x)):
            k = torch.mul_(x[i], torch.add(torch.to(y[i], x[i].device), 1))
          return torch.zeros([0])
        def copy(self: __torch__.M,
          x: List[Tensor],
          y: List[Tensor]) -> Tensor:
          for i in range(torch.len(x)):
            k = torch.copy_(x[i], y[i])
          return torch.zeros([0])
        def clear(self: __torch__.M,
          x: List[Tensor]) -> Tensor:
          torch._foreach_zero_(x)
          return torch.zeros([0])
      """;

  private Arithmetic() {}

  /** {@code x·factor}, of x's shape and type. */
  public static NDArray times(NDManager scope, NDArray x, double factor) {
    return module().call(scope, "times").with(x).with(factor).run().get(0);
  }

  /** {@code x/divisor}, of x's shape and type. */
  public static NDArray over(NDManager scope, NDArray x, double divisor) {
    return module().call(scope, "over").with(x).with(divisor).run().get(0);
  }

  /** {@code x ← share·x + (1 − share)} in place. */
  public static void approachOne(NDArray x, double share) {
    module().call(x, "approach").with(x).with(share).with(1 - share).run().close();
  }

  /** {@code x ← x + share·y} in place; shapes of both lists are the same. */
  public static void add(List<NDArray> x, List<NDArray> y, double share) {
    if (!x.isEmpty()) {
      module().call(x.get(0), "add").with(share).with(x).with(y).run().close();
    }
  }

  /** {@code x ← x + share·(y − x)} in place; shapes of both lists are the same. */
  public static void approach(List<NDArray> x, List<NDArray> y, double share) {
    if (!x.isEmpty()) {
      module().call(x.get(0), "mean").with(share).with(x).with(y).run().close();
    }
  }

  /**
   * Multiplies each column j of x, (rows, columns), by {@code 1 + y_j}, in place; y, (columns), may
   * be on another device.
   */
  public static void scaleColumns(List<NDArray> x, List<NDArray> y) {
    if (!x.isEmpty()) {
      module().call(x.get(0), "columns").with(x).with(y).run().close();
    }
  }

  /** {@code x ← y} in place; shapes of both lists are the same. */
  public static void copy(List<NDArray> x, List<NDArray> y) {
    if (!x.isEmpty()) {
      module().call(x.get(0), "copy").with(x).with(y).run().close();
    }
  }

  /** {@code x ← 0} in place. */
  public static void clear(Collection<NDArray> x) {
    if (!x.isEmpty()) {
      var all = List.copyOf(x);
      module().call(all.get(0), "clear").with(all).run().close();
    }
  }

  private static TorchModule module() {
    return TorchModule.of(TEXT);
  }
}
