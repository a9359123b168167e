package io.lorashear.depth;

import io.lorashear.run.Progress;
import io.lorashear.torch.BlockWalk;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.kernel.Cosines;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Block influence (ShortGPT, arXiv 2403.03853, section 2.2), also of attentions and MLPs
 * (2406.15786, section 3.2): how far a group rotates the residual stream.
 *
 * <pre>
 *   I = 1 − mean over the tokens of ⟨x, y⟩ / (‖x‖ ‖y‖)       x: the stream without it, y: with it
 * </pre>
 *
 * 0 if it only scales the stream, 2 if it reverses its direction.
 */
public final class BlockInfluence {
  private BlockInfluence() {}

  /**
   * The influence of each of {@code groups}, in their order.
   *
   * @param batches token ids (B, T) of each
   */
  public static double[] of(
      TorchModel model, List<int[][]> batches, List<DepthGroup> groups, Progress progress) {
    var influence = new double[groups.size()];
    try (var walk = new BlockWalk(model, batches);
        var work = progress.begin("influence", groups.size(), "parts")) {
      for (; walk.hasNext(); walk.next()) {
        for (int g = 0; g < influence.length; g++) {
          if (groups.get(g).sublayers().get(0).layer().equals(walk.block())) {
            influence[g] = of(model, walk, groups.get(g));
            work.step(1);
          }
        }
      }
    }
    return influence;
  }

  private static double of(TorchModel model, BlockWalk walk, DepthGroup group) {
    var branch = ResidualBranch.of(model.graph(), group.without());
    var values = new LinkedHashSet<>(List.of(branch.stream()));
    values.addAll(branch.added());
    double[] sums = new double[2]; // of cosines, of tokens
    walk.together(
        List.copyOf(values),
        taps -> {
          var y = taps.get(0); // (B, T, hidden)
          sums[0] += Cosines.sum(y, new ArrayList<>(taps.subList(1, taps.size())));
          sums[1] += (double) y.size() / y.getShape().get(y.getShape().dimension() - 1);
        });
    return 1 - sums[0] / sums[1];
  }
}
