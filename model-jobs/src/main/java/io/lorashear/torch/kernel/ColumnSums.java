package io.lorashear.torch.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lorashear.torch.engine.TorchModule;

/**
 * Per-feature sums over the activations of a value, in double precision, because a variance is a
 * small difference between them.
 *
 * @param sum Σx, float64 (features,)
 * @param squares Σx², float64 (features,)
 */
public record ColumnSums(NDArray sum, NDArray squares) {
  private static final String TEXT =
      """
        def add(self: __torch__.M,
          sum: Tensor,
          squares: Tensor,
          x: Tensor) -> Tensor:
          f = torch.to(torch.flatten(x, 0, -2), sum)
          s = torch.add_(sum, torch.sum(f, [0]))
          q = torch.add_(squares, torch.sum(torch.mul(f, f), [0]))
          return s
        def routed(self: __torch__.M,
          sum: Tensor,
          squares: Tensor,
          x: Tensor,
          routes: Tensor,
          expert: Tensor) -> Tensor:
          r = torch.flatten(torch.select(routes, -1, int(expert)))
          p = torch.view(torch.nonzero(torch.gt(r, 0.)), [-1])
          w = torch.unsqueeze(torch.to(torch.index_select(r, 0, p), sum), 1)
          return self.add(sum, squares, torch.mul(torch.to(x, sum), w))
      """;

  /** Sums over no rows. */
  public static ColumnSums zero(NDManager scope, int features) {
    var shape = new Shape(features);
    return new ColumnSums(
        scope.zeros(shape, DataType.FLOAT64), scope.zeros(shape, DataType.FLOAT64));
  }

  /** Adds x (…, features). */
  public void add(NDArray x) {
    TorchModule.of(TEXT).call(x, "add").with(sum).with(squares).with(x).run().close();
  }

  /**
   * Adds r·x for every row that is routed to an expert, where r is its routing weight; for all
   * other rows r·x is 0, which adds nothing.
   *
   * @param x (rows, features)
   * @param routes (…, experts)
   */
  public void add(NDArray x, NDArray routes, int expert) {
    var call = TorchModule.of(TEXT).call(x, "routed").with(sum).with(squares).with(x);
    call.with(routes).with((long) expert).run().close();
  }
}
