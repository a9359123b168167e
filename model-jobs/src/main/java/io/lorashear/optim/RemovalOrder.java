package io.lorashear.optim;

import io.lorashear.dependency.Groups;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.Saliency;
import java.util.List;

/** Which groups a pruning optimizer drives to zero next. */
public sealed interface RemovalOrder {
  /** The axes that may lose groups. */
  List<AxisWeights> axes();

  /**
   * The groups that go in one period.
   *
   * @param kept groups that can still be chosen
   * @param removed groups that are removed
   * @param period number of the period, from 0
   * @param periods number of all periods
   */
  Groups next(Groups kept, Groups removed, int period, int periods);

  /**
   * The least salient groups that are still missing from the period's share of a budget.
   *
   * @param saliency scores the groups at the beginning of every period
   */
  record BySaliency(PruningBudget budget, Saliency saliency) implements RemovalOrder {
    @Override
    public List<AxisWeights> axes() {
      return saliency.axes();
    }

    @Override
    public Groups next(Groups kept, Groups removed, int period, int periods) {
      var scores = saliency.scores(budget.allowance(axes(), kept, removed));
      return budget.choose(axes(), scores, kept, removed, period + 1, periods);
    }
  }

  /**
   * Groups that are known before: those of the next rounds, the same number in each period.
   *
   * @param rounds what goes together, the first to go first; a multiple of the periods
   */
  record Known(List<AxisWeights> axes, List<Groups> rounds) implements RemovalOrder {
    public Known {
      axes = List.copyOf(axes);
      rounds = List.copyOf(rounds);
    }

    @Override
    public Groups next(Groups kept, Groups removed, int period, int periods) {
      int each = rounds.size() / periods;
      return Groups.union(rounds.subList(period * each, (period + 1) * each));
    }
  }
}
