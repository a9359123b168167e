package io.lorashear.method;

import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.optim.Lhspg;
import io.lorashear.optim.PairOptimizer;
import io.lorashear.optim.RemovalOrder;
import io.lorashear.policy.Limits;
import io.lorashear.saliency.Saliency;
import io.lorashear.train.AdaptedModel;
import java.util.List;

/**
 * LoRAShear's progressive pruning: see {@link Lhspg}. With rounds its groups, and the order in
 * which they go, are those that one-shot pruning in as many rounds finds on the dense model; the
 * weights that this refits are not kept.
 */
final class LhspgMethod extends PairMethod {
  /** Scores as one-shot methods have them: of a model without pairs, on its weights as they are. */
  private record InRounds() implements ByScore {
    @Override
    public List<double[]> scores(Calibration calibration) {
      return measured(calibration).scores(calibration.allowance());
    }
  }

  private static Saliency measured(Calibration calibration) {
    var settings = calibration.task().settings().saliency();
    return new Saliency(calibration.axes(), settings, calibration::scores);
  }

  @Override
  List<Groups> rounds(Task task) {
    return task.settings().rounds() == 1 ? List.of() : FoundRounds.of(task, new InRounds());
  }

  @Override
  PairOptimizer optimizer(AdaptedModel model, Calibration calibration, List<Groups> rounds) {
    var task = calibration.task();
    return new Lhspg(
        calibration.model(),
        model.adam(task.adam()),
        model.fold(),
        task.settings().lhspg(),
        rounds.isEmpty()
            ? bySaliency(calibration)
            : new RemovalOrder.Known(calibration.axes(), rounds),
        calibration.compensation());
  }

  private static RemovalOrder bySaliency(Calibration calibration) {
    var saliency = measured(calibration);
    calibration.allocate(() -> saliency.scores(calibration.allowance()));
    return new RemovalOrder.BySaliency(calibration.budget(), saliency);
  }

  @Override
  long steps(PruneSettings settings) {
    return settings.lhspg().steps();
  }

  @Override
  public void requireReach(PruneSettings settings, Limits limits, PruningSpace space) {
    Calibration.require(settings, limits, space);
  }
}
