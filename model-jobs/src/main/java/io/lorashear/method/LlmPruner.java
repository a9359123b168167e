package io.lorashear.method;

import io.lorashear.policy.Choice;
import io.lorashear.saliency.ElementScore;
import io.lorashear.train.Batch;
import java.util.List;

/**
 * LLM-Pruner (arXiv 2305.11627), block-wise.
 *
 * <pre>
 *   I_g = Σ over the coupled matrices of the {@link ElementScore} of their rows or columns
 *   the same share of every unprotected axis is pruned: the groups of lowest I_g
 * </pre>
 */
final class LlmPruner implements ByScore {
  @Override
  public List<double[]> scores(Calibration calibration) {
    var score = score(calibration.task().settings());
    var rows = calibration.rows();
    long passes = (long) score.passes() * rows.size();
    try (var work = calibration.task().progress().begin("calibrate", passes, "rows")) {
      return score.of(
          calibration.model(),
          calibration.axes(),
          rows.size(),
          row -> {
            Batch.of(List.of(rows.get(row))).backward(calibration.model(), 1);
            work.step(1);
          });
    }
  }

  @Override
  public Choice usually() {
    return Choice.LOCAL;
  }

  @Override
  public int passes(PruneSettings settings) {
    return score(settings).passes();
  }

  private static ElementScore score(PruneSettings settings) {
    return settings.own(settings.llmPruner(), LlmPrunerSettings.class).score();
  }
}
