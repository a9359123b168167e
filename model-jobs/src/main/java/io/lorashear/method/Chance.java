package io.lorashear.method;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.compress.WidthPlan;
import io.lorashear.saliency.Baselines;
import java.util.List;

/**
 * Random pruning: uniform random scores from the seed. It uses no weights, so none are loaded
 * unless the kept groups are refitted, an adapter is merged first, or widths are allocated by
 * measured losses.
 */
final class Chance implements ByScore {
  @Override
  public Outcome prune(Task task) {
    var settings = task.settings();
    if (settings.lora().adapter().isPresent()
        || settings.compensation().wanted()
        || settings.allocation().enabled()) {
      return ByScore.super.prune(task);
    }
    var axes = task.axes();
    var gone = choose(task, axes, Baselines.random(axes, settings.seed()));
    return new Result(task, new WidthPlan(gone), task.tensors(), JsonFile.object(), () -> {});
  }

  @Override
  public List<double[]> scores(Calibration calibration) {
    return Baselines.random(calibration.axes(), calibration.task().settings().seed());
  }
}
