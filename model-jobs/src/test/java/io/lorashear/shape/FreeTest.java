package io.lorashear.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.checkpoint.SmallModels;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.family.LayerWidths;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Extent.Axis;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.DoubleStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FreeTest {
  /** An MLP's axis of so many channels, or one of so many heads. */
  static PrunableAxis axis(int size, AxisRole role) {
    boolean heads = role == AxisRole.KEY_VALUE_HEADS;
    var layer = heads ? new LayerWidths(size, size, 2) : new LayerWidths(4, 2, size);
    var config = SmallModels.llama(layer);
    return PruningSpace.of(Family.of(config).trace(config))
        .axis("layers.0." + (heads ? "attention.kvHeads" : "mlp.channels"));
  }

  private static Candidates candidates(AxisRole role, long cost, double[] scores, int most) {
    return candidates("", role, cost, scores, most);
  }

  /** With a name of its own, so that several stand beside each other. */
  private static Candidates candidates(
      String prefix, AxisRole role, long cost, double[] scores, int most) {
    var found = axis(scores.length, role);
    var named =
        new PrunableAxis(
            new Axis(prefix + found.name(), found.size(), role, ""),
            found.status(),
            found.reason(),
            found.least(),
            found.zeroing(),
            found.slices());
    return new Candidates(named, cost, scores, Groups.all(List.of(named)), most);
  }

  @Property(tries = 100)
  void meetsTheBudgetWithinOneGroupWhereItCan(@ForAll long seed) {
    var random = new Random(seed);
    var axes = new ArrayList<Candidates>();
    long reachable = 0;
    for (int i = 0; i < 1 + random.nextInt(5); i++) {
      int size = 2 + random.nextInt(20);
      long cost = 1 + random.nextInt(50);
      int most = random.nextInt(size);
      axes.add(candidates(i + ".", AxisRole.CHANNELS, cost, random.doubles(size).toArray(), most));
      reachable += cost * most;
    }
    long budget = Math.round(random.nextDouble() * reachable);
    var chosen = Free.ANY.choose(axes, budget, budget);
    long removed = 0;
    long largest = 0;
    for (var axis : axes) {
      assertThat(chosen.count(axis.name())).isLessThanOrEqualTo(axis.most());
      removed += axis.cost() * chosen.count(axis.name());
      largest = Math.max(largest, axis.cost());
    }
    assertThat(removed).isGreaterThanOrEqualTo(budget);
    assertThat(removed - budget).isLessThan(largest);
  }

  @Test
  void takesTheLeastSalientFirstAndWhatFitsAfter() {
    var heads = candidates(AxisRole.KEY_VALUE_HEADS, 10, new double[] {0.1, 0.2, 0.9}, 2);
    var channels = candidates(AxisRole.CHANNELS, 1, new double[] {0.3, 0.15, 0.05}, 3);
    var chosen = Free.ANY.choose(List.of(heads, channels), 13, 20);
    assertThat(chosen.indices(heads.name()).stream())
        .containsExactly(0); // the second head does not fit
    assertThat(chosen.indices(channels.name()).stream()).containsExactly(0, 1, 2);
  }

  @Test
  void scoresOfEitherSignAreInOrder() {
    var axis = candidates(AxisRole.CHANNELS, 1, new double[] {0.5, -2, -0.0, -1, 3, -3}, 4);
    var chosen = Free.ANY.choose(List.of(axis), 3, 3);
    assertThat(chosen.indices(axis.name()).stream()).containsExactly(1, 3, 5);
    var broken = candidates(AxisRole.CHANNELS, 1, new double[] {1, Double.NaN}, 1);
    assertThatThrownBy(() -> Free.ANY.choose(List.of(broken), 1, 1))
        .hasMessage("the score of group 1 of layers.0.mlp.channels is no number");
  }

  /** Where all steps cost the same, no other choice of as many steps is less salient. */
  @Property(tries = 100)
  void widthsOfMlpsAreMultiplesAndTheLeastSalientStepsGo(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 8) int multiple) {
    var random = new Random(seed);
    var axes = new ArrayList<Candidates>();
    for (int i = 0; i < 3; i++) {
      int size = multiple * (1 + random.nextInt(5));
      axes.add(
          candidates(
              i + ".", AxisRole.CHANNELS, 3, random.doubles(size).toArray(), size - multiple));
    }
    long reachable = axes.stream().mapToLong(axis -> 3L * axis.most()).sum();
    long budget = Math.round(random.nextDouble() * reachable);
    var chosen = new Free(multiple).choose(axes, budget, budget);
    var counts = axes.stream().map(axis -> chosen.count(axis.name())).toList();
    var steps = counts.stream().map(gone -> gone / multiple).toList();
    int all = steps.stream().mapToInt(n -> n).sum();
    assertThat(counts).allMatch(gone -> gone % multiple == 0);
    assertThat(2 * Math.abs(3L * multiple * all - budget)).isLessThanOrEqualTo(3L * multiple);

    double least = Double.MAX_VALUE;
    for (int a = 0; a <= all; a++) {
      for (int b = 0; a + b <= all; b++) {
        var other = List.of(a, b, all - a - b);
        boolean allowed = true;
        double sum = 0;
        for (int i = 0; i < 3; i++) {
          allowed &= other.get(i) * multiple <= axes.get(i).most();
          sum += leastOf(axes.get(i), other.get(i) * multiple);
        }
        least = allowed ? Math.min(least, sum) : least;
      }
    }
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      var axis = axes.get(i);
      sum += chosen.indices(axis.name()).stream().mapToDouble(g -> axis.scores()[g]).sum();
    }
    assertThat(sum).isCloseTo(least, within(1e-5));
  }

  private static double leastOf(Candidates axis, int groups) {
    return DoubleStream.of(axis.scores()).sorted().limit(groups).sum();
  }

  @Test
  void whatIsNoMultipleBecomesOneFirst() {
    var odd = candidates(AxisRole.CHANNELS, 1, new double[] {5, 1, 4, 2, 3, 6}, 5);
    var chosen = new Free(4).choose(List.of(odd), 0, 0);
    assertThat(chosen.indices(odd.name()).stream()).containsExactly(1, 3);
    assertThat(Free.misfits(4, List.of(odd), Set.of())).isEmpty();
    assertThat(Free.misfits(8, List.of(odd), Set.of(odd.axis())))
        .containsExactly(
            "multiple is 8, but layers.0.mlp.channels has 6 channels, of which 5 may go: give a"
                + " smaller multiple",
            "multiple is 8, but layers.0.mlp.channels has 6 channels and is protected: give a"
                + " divisor of that, or protect it no longer");
  }
}
