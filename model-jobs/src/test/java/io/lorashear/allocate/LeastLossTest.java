package io.lorashear.allocate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LeastLossTest {
  private static final long MANY = 1 << 20;

  /** Up to five axes of up to four options: the first is nothing, losses are in no order. */
  private static LeastLoss random(Random random, long most) {
    var costs = new ArrayList<long[]>();
    var losses = new ArrayList<double[]>();
    for (int i = 0; i < 1 + random.nextInt(5); i++) {
      int options = 1 + random.nextInt(4);
      long each = 1L + random.nextInt(40);
      var cost = new long[options];
      for (int j = 1; j < options; j++) {
        cost[j] = cost[j - 1] + each * (1 + random.nextInt(5));
      }
      costs.add(cost);
      losses.add(IntStream.range(0, options).mapToDouble(j -> random.nextInt(8) / 4.0).toArray());
    }
    return new LeastLoss(costs, losses, most);
  }

  private static long reachable(LeastLoss problem) {
    return problem.costs().stream().mapToLong(cost -> Arrays.stream(cost).max().orElse(0)).sum();
  }

  private static double loss(LeastLoss problem, int[] chosen) {
    return IntStream.range(0, chosen.length)
        .mapToDouble(i -> problem.losses().get(i)[chosen[i]])
        .sum();
  }

  /** The least loss of all combinations that meet the budget. */
  private static double byTrying(LeastLoss problem, int[] chosen, int axis, long budget) {
    if (axis == chosen.length) {
      return problem.cost(chosen) >= budget ? loss(problem, chosen) : Double.POSITIVE_INFINITY;
    }
    double least = Double.POSITIVE_INFINITY;
    for (int j = 0; j < problem.costs().get(axis).length; j++) {
      chosen[axis] = j;
      least = Math.min(least, byTrying(problem, chosen, axis + 1, budget));
    }
    return least;
  }

  @Property(tries = 500)
  void isTheLeastLossOfAllCombinationsThatMeetTheBudget(@ForAll long seed) {
    var random = new Random(seed);
    var problem = random(random, MANY);
    long budget = Math.round(random.nextDouble() * reachable(problem));
    var chosen = problem.choose(budget);
    assertThat(problem.cost(chosen)).isGreaterThanOrEqualTo(budget);
    double least = byTrying(problem, new int[chosen.length], 0, budget);
    assertThat(loss(problem, chosen)).isCloseTo(least, within(1e-12));
  }

  @Property(tries = 500)
  void roundingNeverLetsTheBudgetBeMissed(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 30) int most) {
    var random = new Random(seed);
    var problem = random(random, most);
    long budget = Math.round(random.nextDouble() * reachable(problem));
    assertThat(-Math.floorDiv(-budget, problem.unit(budget))).isLessThanOrEqualTo(most);
    assertThat(problem.cost(problem.choose(budget))).isGreaterThanOrEqualTo(budget);
  }

  /** Two axes alike, but that one is hurt twice as much: it does not lose more. */
  @Property(tries = 200)
  void theMoreSensitiveOfTwoEqualAxesLosesNoMore(@ForAll long seed) {
    var random = new Random(seed);
    var cost = new long[6];
    var loss = new double[6];
    for (int j = 1; j < cost.length; j++) {
      cost[j] = cost[j - 1] + 1 + random.nextInt(9);
      loss[j] = loss[j - 1] + 0.01 + random.nextDouble();
    }
    var twice = Arrays.stream(loss).map(each -> 2 * each).toArray();
    var problem = new LeastLoss(List.of(cost, cost), List.of(loss, twice), MANY);
    double before = 0;
    for (long budget = 0; budget <= reachable(problem); budget++) {
      var chosen = problem.choose(budget);
      assertThat(chosen[0]).isGreaterThanOrEqualTo(chosen[1]);
      assertThat(loss(problem, chosen)).isGreaterThanOrEqualTo(before);
      before = loss(problem, chosen);
    }
  }

  @Test
  void theUnitIsTheCommonDivisorUnlessTheBudgetHasTooManyOfThem() {
    var costs = List.of(new long[] {0, 24, 36}, new long[] {0, 60});
    var losses = List.of(new double[] {0, 1, 2}, new double[] {0, 1});
    assertThat(new LeastLoss(costs, losses, 8).unit(96)).isEqualTo(12);
    assertThat(new LeastLoss(costs, losses, 7).unit(96)).isEqualTo(24);
    assertThat(new LeastLoss(costs, losses, 8).choose(96)).containsExactly(2, 1);
    assertThatThrownBy(() -> new LeastLoss(costs, losses, 8).choose(97))
        .hasMessage("97 parameters are to go, but the options have only 96");
  }
}
