package io.lorashear.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * Sums of what goes through a value, feature by feature, in double precision: a variance is a small
 * difference of them.
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
      """;

  /** Of nothing yet. */
  public static ColumnSums zero(NDManager scope, int features) {
    var shape = new Shape(features);
    return new ColumnSums(
        scope.zeros(shape, DataType.FLOAT64), scope.zeros(shape, DataType.FLOAT64));
  }

  /** Adds x (…, features). */
  public void add(NDArray x) {
    TorchModule.of(TEXT).call(x, "add").with(sum).with(squares).with(x).run().close();
  }
}
