package io.lorashear.allocate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Extent.Axis;
import io.lorashear.optim.PruningBudget;
import io.lorashear.shape.Candidates;
import io.lorashear.shape.Free;
import io.lorashear.train.TinyModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WidthAllocationTest {
  private static final List<Double> SHARES = List.of(0.25, 0.5, 0.75, 1.0);

  private static PrunableAxis axis(String name, int size) {
    return new PrunableAxis(
        new Axis(name, size, AxisRole.CHANNELS, ""),
        PrunableAxis.Status.PRUNABLE,
        "",
        1,
        Set.of(),
        List.of());
  }

  private static PruningSpace space() {
    return PruningSpace.of(Family.of(TinyModel.config()).trace(TinyModel.config()));
  }

  private static List<AxisOptions> options(PruningBudget budget, int multiple, double... shares) {
    var space = space();
    var all = new ArrayList<Double>();
    for (double share : shares) {
      all.add(share);
    }
    var axes = space.prunable(PruningSpace.STRUCTURES);
    return AxisOptions.of(space, axes, budget, multiple, all);
  }

  private static PruningBudget budget(double ratio, double cap) {
    long total = space().graph().parameterCount();
    return new PruningBudget(total, Math.round(ratio * total), cap, Map.of(), Free.ANY);
  }

  /** Axes whose every further group hurts. */
  @Property(tries = 300)
  void theBudgetIsMetAndPassedByLessThanAStepOfAnAxisThatLosesAPart(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int step) {
    var random = new Random(seed);
    var options = new ArrayList<AxisOptions>();
    var losses = new ArrayList<double[]>();
    long reachable = 0;
    for (int i = 0; i < 1 + random.nextInt(5); i++) {
      int size = 4 * step * (1 + random.nextInt(6));
      long cost = 1L + random.nextInt(20);
      var removed = new ArrayList<Integer>(List.of(0));
      for (double share : SHARES.subList(0, 1 + random.nextInt(4))) {
        removed.add((int) (share * size));
      }
      options.add(new AxisOptions(axis("axis" + i, size), cost, random.nextInt(9), step, removed));
      var loss = new double[removed.size()];
      for (int j = 1; j < loss.length; j++) {
        loss[j] = loss[j - 1] + 0.01 + random.nextDouble();
      }
      losses.add(loss);
      reachable += options.get(i).parameters(removed.get(removed.size() - 1));
    }
    long budget = Math.round(random.nextDouble() * reachable);
    var allocation = WidthAllocation.of(options, losses, budget, 1);
    assertThat(allocation.parameters()).isGreaterThanOrEqualTo(budget);
    for (int i = 0; i < options.size(); i++) {
      var option = options.get(i);
      int gone = allocation.removed()[i];
      assertThat(gone % step).isZero();
      if (allocation.chosen()[i] > 0) {
        int before = option.removed().get(allocation.chosen()[i] - 1);
        int chosen = option.removed().get(allocation.chosen()[i]);
        assertThat(gone).isBetween(before, chosen);
        if (chosen < option.axis().size()) {
          assertThat(allocation.parameters() - budget).isLessThan(option.cost() * step);
        }
      }
    }
  }

  @Test
  void optionsAreRoundedToGroupsAndMultiplesWithinTheCap() {
    var options = options(budget(0.2, 0.8), 1, 0.125, 0.25, 0.5, 0.9, 1);
    var heads = options.get(0); // two of them
    var channels = options.get(1); // twelve
    assertThat(heads.removed()).containsExactly(0, 1, 2);
    assertThat(channels.removed()).containsExactly(0, 1, 3, 6, 12);
    assertThat(channels.parameters()).containsExactly(0, 48, 144, 288, 12 * 48 + 16);
    assertThat(options.get(options.size() - 1).removed())
        .as("the last MLP keeps a part")
        .containsExactly(0, 1, 3, 6);
    assertThat(options(budget(0.2, 0.8), 8, 0.125, 0.25, 0.5, 0.9, 1).get(1).removed())
        .as("widths 8 and none")
        .containsExactly(4, 12);
  }

  @Test
  void whatTheSharesCannotReachIsRefusedWithWhatTheyCan() {
    var budget = budget(0.5, 0.8);
    long total = budget.total();
    var few = options(budget, 1, 0.25);
    long most = 2L * 3 * 48; // three channels of each MLP; a quarter of two heads is none
    assertThatThrownBy(() -> AxisOptions.requireReach(few, budget))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%d of %d parameters are to go, but the widths that allocation.shares allows remove at"
                + " most %d of them: the largest ratio that can be reached is %s. Lower the ratio,"
                + " give larger shares (those above the cap of 0.8 are left out, but 1), or protect"
                + " fewer axes",
            budget.remove(), total, most, Math.floor(1e4 * most / total) / 1e4);
    AxisOptions.requireReach(options(budget, 1, 0.25, 1), budget);
  }

  /** The rule takes what was allocated, in one step or in several, whatever the scores say. */
  @Property(tries = 100)
  void everyAxisLosesWhatItWasGivenInPartsAsAtOnce(@ForAll long seed) {
    var random = new Random(seed);
    var options =
        List.of(
            new AxisOptions(axis("a", 8), 3, 5, 1, List.of(0, 4, 8)),
            new AxisOptions(axis("b", 8), 2, 0, 1, List.of(0, 4)));
    var losses = List.of(new double[] {0, 1, 1.5}, new double[] {0, random.nextDouble()});
    var allocation = WidthAllocation.of(options, losses, 1 + random.nextInt(36), 1);
    var rule = allocation.rule();
    var scores = List.of(random.doubles(8).toArray(), random.doubles(8).toArray());
    var budget = new PruningBudget(100, allocation.budget(), 0.8, Map.of(), rule);
    var gone = Groups.none();
    for (int part = 1; part <= 3; part++) {
      var axes = new ArrayList<Candidates>();
      long before = 0;
      for (int i = 0; i < 2; i++) {
        var axis = options.get(i).axis();
        var kept = Groups.all(List.of(axis)).minus(gone);
        axes.add(new Candidates(axis, options.get(i).cost(), scores.get(i), kept, 8));
        before += options.get(i).parameters(gone.count(axis.name()));
      }
      long now = budget.remove() * part / 3 - before;
      gone = gone.plus(rule.choose(axes, now, budget.remove() - before));
    }
    for (int i = 0; i < 2; i++) {
      var axis = options.get(i).axis();
      var whole = new Candidates(axis, 1, scores.get(i), Groups.all(List.of(axis)), 8);
      assertThat(gone.indices(axis.name()))
          .isEqualTo(rule.choose(List.of(whole), 1, 1).indices(axis.name()));
      assertThat(gone.count(axis.name())).isEqualTo(allocation.removed()[i]);
    }
  }
}
