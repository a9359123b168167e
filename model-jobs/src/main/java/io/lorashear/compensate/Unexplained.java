package io.lorashear.compensate;

import io.lorashear.InputException;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.LeastSquares;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The share of each group's activations that the others cannot make up for: what is lost with the
 * group when the matrices that read it are refitted ({@link Compensation}). A group that others
 * repeat has almost none.
 *
 * <pre>
 *   A   = H + λD                             H = Σ xᵀx of what a matrix reads, D its diagonal
 *   u_g = tr ([A⁻¹]_gg)⁻¹ / tr A_gg          in (0, 1]
 *
 *   of one column 1/([A⁻¹]_jj A_jj): at λ = 0 the share 1 − R² of Σx_j² that least squares on all
 *   other columns leaves, without an intercept
 * </pre>
 *
 * It is 1 of groups that no matrix reads by columns, and of whole experts, whose inputs nothing
 * else reads. If several matrices read a group, the largest counts.
 */
public final class Unexplained {
  private Unexplained() {}

  /**
   * u of every group of {@code axes}, on the model as it is.
   *
   * @param batches token ids (B, T) of each
   * @param damping λ in (0, 1]; raised tenfold where A is not positive definite
   * @throws InputException if activations are not finite
   */
  public static List<double[]> shares(
      TorchModel model, List<AxisWeights> axes, List<int[][]> batches, double damping) {
    var shares = new ArrayList<double[]>();
    axes.forEach(axis -> shares.add(new double[axis.size()]));
    var matrices =
        ReadingMatrix.of(model.graph(), axes).stream().filter(m -> m.route() == null).toList();
    new Inputs(model, batches)
        .byShares(
            matrices,
            (matrix, h) -> {
              try (var scope = model.manager().newSubManager()) {
                int groups = axes.get(matrix.place()).size();
                var columns = HostArrays.send(scope, matrix.columns(groups)); // (groups, columns)
                var found = LeastSquares.unexplained(scope, h, columns, damping);
                if (Double.isNaN(found.damping())) {
                  throw new InputException(
                      "saliency.residual: what %s reads on the calibration rows has no finite"
                          + " second moments, so the model's activations overflow there: see with"
                          + " generate or verify whether the model is sound, or set"
                          + " saliency.residual to false",
                      matrix.slice().name());
                }
                var each = HostArrays.doubles(found.shares());
                var largest = shares.get(matrix.place());
                Arrays.setAll(largest, g -> Math.max(largest[g], each[g]));
              }
            });
    for (int i = 0; i < axes.size(); i++) {
      int place = i;
      if (matrices.stream().noneMatch(matrix -> matrix.place() == place)) {
        Arrays.fill(shares.get(i), 1);
      }
    }
    return shares;
  }
}
