package io.lorashear.saliency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Widths;
import io.lorashear.optim.PruningBudget;
import io.lorashear.shape.Free;
import io.lorashear.shape.Shape;
import io.lorashear.shape.ShapeRule;
import io.lorashear.train.TinyModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The choice of groups that go together, against the loss of whole sets by its definition. */
class JointFisherTest {
  private static final ModelGraph GRAPH = TinyModel.graph();
  private static final List<AxisWeights> AXES = axes(GRAPH);

  private static List<AxisWeights> axes(ModelGraph graph) {
    var space = PruningSpace.of(graph);
    return space.prunable(PruningSpace.STRUCTURES).stream()
        .map(axis -> new AxisWeights(axis, space.cost(axis.axis(), Widths.TRACED), List.of()))
        .toList();
  }

  /** Slopes that have {@code common} parts, so that what groups do to a row adds up or cancels. */
  private static FisherInformation slopes(
      List<AxisWeights> axes, int rows, int common, Random random) {
    int groups = axes.stream().mapToInt(AxisWeights::size).sum();
    var all = new ArrayList<float[]>();
    var parts = new double[groups][common];
    for (var part : parts) {
      part[random.nextInt(common)] = random.nextGaussian();
    }
    for (int r = 0; r < rows; r++) {
      var row = new float[groups];
      var level = random.doubles(common, -1, 1).toArray();
      for (int g = 0; g < groups; g++) {
        double sum = 0.3 * random.nextGaussian();
        for (int c = 0; c < common; c++) {
          sum += parts[g][c] * level[c];
        }
        row[g] = (float) sum;
      }
      all.add(row);
    }
    var each = new ArrayList<double[]>();
    int first = 0;
    for (var axis : axes) {
      var sums = new double[axis.size()];
      for (int g = 0; g < sums.length; g++) {
        for (var row : all) {
          sums[g] += (double) row[first + g] * row[first + g];
        }
      }
      each.add(sums);
      first += sums.length;
    }
    return new FisherInformation(each, new GroupSlopes(all));
  }

  /** ½(1−λ) Σ_r (Σ_{g∈S} G_rg)² + ½λ Σ_{g∈S} Σ_r G_rg². */
  private static double loss(
      List<AxisWeights> axes, GroupSlopes slopes, Groups gone, double lambda) {
    double loss = 0;
    for (var row : slopes.rows()) {
      double sum = 0;
      double squares = 0;
      int first = 0;
      for (var axis : axes) {
        for (int g = 0; g < axis.size(); g++) {
          double slope = gone.contains(axis.name(), g) ? row[first + g] : 0;
          sum += slope;
          squares += slope * slope;
        }
        first += axis.size();
      }
      loss += ((1 - lambda) * sum * sum + lambda * squares) / 2;
    }
    return loss;
  }

  private static PruningBudget budget(double ratio, ShapeRule shape) {
    long total = GRAPH.parameterCount();
    return new PruningBudget(total, Math.round(ratio * total), 0.75, Map.of(), shape);
  }

  private static Groups chosen(
      List<AxisWeights> axes, FisherInformation fisher, double lambda, PruningBudget budget) {
    var allowance = budget.allowance(axes, AxisWeights.all(axes), Groups.none());
    var scores = fisher.scores(axes, lambda, allowance);
    return budget.choose(axes, Baselines.perParameter(axes, scores));
  }

  /** Again and again the group that adds least to the loss of the whole set, per parameter. */
  private static Groups greedy(
      List<AxisWeights> axes, GroupSlopes slopes, double lambda, PruningBudget budget) {
    var gone = Groups.none();
    long left = budget.remove();
    while (true) {
      double before = loss(axes, slopes, gone, lambda);
      double least = Double.POSITIVE_INFINITY;
      Groups best = null;
      long cost = 0;
      for (var axis : axes) {
        boolean room = gone.count(axis.name()) < budget.most(axis.axis());
        for (int g = 0; room && axis.cost() <= left && g < axis.size(); g++) {
          var with = gone.plus(Groups.of(axis.name(), g));
          double more = (loss(axes, slopes, with, lambda) - before) / axis.cost();
          if (!gone.contains(axis.name(), g) && more < least) {
            least = more;
            best = with;
            cost = axis.cost();
          }
        }
      }
      if (best == null) {
        return gone;
      }
      gone = best;
      left -= cost;
    }
  }

  @Property(tries = 40)
  void theChoiceIsTheGreedyOneByTheDefinition(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int rows,
      @ForAll @DoubleRange(min = 0, max = 1) double lambda) {
    var fisher = slopes(AXES, rows, 3, new Random(seed));
    var budget = budget(0.3, Free.ANY);
    var expected = greedy(AXES, fisher.together(), lambda, budget);
    var chosen = chosen(AXES, fisher, lambda, budget);
    assertThat(expected.minus(chosen).count()).isZero();
    // The rest of the budget is smaller than any group that fits: one more goes.
    assertThat(chosen.minus(expected).count()).isLessThanOrEqualTo(1);
  }

  @Test
  void whatCancelsGoesTogetherAndWhatAddsUpDoesNot() {
    int groups = AXES.stream().mapToInt(AxisWeights::size).sum();
    int channels = AXES.get(0).size(); // the first channel of the first MLP
    var row = new float[groups];
    Arrays.fill(row, 1);
    row[channels] = 0.1f;
    row[channels + 1] = 0.5f;
    row[channels + 2] = -0.59f;
    var each = new ArrayList<double[]>();
    int first = 0;
    for (var axis : AXES) {
      int from = first;
      each.add(
          IntStream.range(from, from + axis.size()).mapToDouble(g -> row[g] * row[g]).toArray());
      first += axis.size();
    }
    var fisher = new FisherInformation(each, new GroupSlopes(List.of(row)));
    var name = AXES.get(1).name();
    long three = 3 * AXES.get(1).cost();
    var budget = new PruningBudget(GRAPH.parameterCount(), three, 0.75, Map.of(), Free.ANY);
    var chosen = chosen(AXES, fisher, 0, budget);
    assertThat(chosen).isEqualTo(Groups.of(name, 0, 1, 2));
    assertThat(loss(AXES, fisher.together(), chosen, 0)).isCloseTo(0.5 * 0.01 * 0.01, within(1e-8));
  }

  @Property(tries = 20)
  void withTheWholeDiagonalItIsTheChoiceOfEachByItself(@ForAll long seed) {
    var fisher = slopes(AXES, 5, 3, new Random(seed));
    var alone = new FisherInformation(fisher.each(), null);
    for (var shape : Shape.values()) {
      var rule = shape.rule(PruningSpace.of(GRAPH), 1, true);
      var budget = budget(0.25, rule);
      assertThat(chosen(AXES, fisher, 1, budget))
          .as(shape.name())
          .isEqualTo(chosen(AXES, alone, 1, budget));
    }
  }

  @Property(tries = 20)
  void everyShapeAndMultipleIsMet(@ForAll long seed) {
    var fisher = slopes(AXES, 4, 2, new Random(seed));
    var space = PruningSpace.of(GRAPH);
    var uniform = budget(0.25, Shape.UNIFORM_FFN.rule(space, 1, true));
    var gone = chosen(AXES, fisher, 0, uniform);
    assertThat(gone.count(AXES.get(1).name())).isPositive();
    assertThat(gone.count(AXES.get(1).name())).isEqualTo(gone.count(AXES.get(3).name()));
    var pairs = chosen(AXES, fisher, 0, budget(0.25, new Free(4)));
    assertThat(pairs.count(AXES.get(1).name()) % 4).isZero();
    assertThat(pairs.count(AXES.get(3).name()) % 4).isZero();
  }

  /** What is gone already counts in what goes next. */
  @Test
  void theSecondPartOfAChoiceKnowsTheFirst() {
    var fisher = slopes(AXES, 4, 2, new Random(3));
    var budget = budget(0.3, Free.ANY);
    var whole = chosen(AXES, fisher, 0.2, budget);
    var gone = Groups.none();
    for (int part = 1; part <= 2; part++) {
      var kept = AxisWeights.all(AXES).minus(gone);
      var scores = fisher.scores(AXES, 0.2, budget.allowance(AXES, kept, gone));
      var each = Baselines.perParameter(AXES, scores);
      gone = gone.plus(budget.choose(AXES, each, kept, gone, part, 2));
    }
    double once = loss(AXES, fisher.together(), whole, 0.2);
    assertThat(loss(AXES, fisher.together(), gone, 0.2)).isLessThan(1.5 * once);
  }

  /** With more groups than compete at a time the choice is nearly as good as the exact one. */
  @Test
  void manyGroupsAreChosenAlmostAsWellAsIfAllCompeted() {
    var axis = AXES.get(1).axis();
    var random = new Random(9);
    int n = 2 * 2052;
    var many = new ArrayList<AxisWeights>();
    for (int i = 0; i < n / axis.size(); i++) {
      many.add(new AxisWeights(axis, 1, List.of()));
    }
    var fisher = slopes(many, 12, 8, random);
    var kept = AxisWeights.all(many);
    var allowance = new Allowance(kept, Map.of(axis.name(), axis.size()), n / 4);
    var scores = fisher.scores(many, 0, allowance);
    var flat = scores.stream().flatMapToDouble(Arrays::stream).toArray();
    var order =
        IntStream.range(0, n)
            .boxed()
            .sorted((a, b) -> Double.compare(flat[a], flat[b]))
            .limit(n / 4)
            .mapToInt(g -> g)
            .toArray();
    double exact = exact(fisher.together(), n / 4);
    double each = sum(fisher.together(), alone(fisher, n / 4));
    double ours = sum(fisher.together(), order);
    assertThat(ours).isLessThan(0.01 * each + 1.5 * exact);
  }

  private static int[] alone(FisherInformation fisher, int take) {
    var own = fisher.each().stream().flatMapToDouble(Arrays::stream).toArray();
    return IntStream.range(0, own.length)
        .boxed()
        .sorted((a, b) -> Double.compare(own[a], own[b]))
        .limit(take)
        .mapToInt(g -> g)
        .toArray();
  }

  private static double exact(GroupSlopes slopes, int take) {
    int n = slopes.rows().get(0).length;
    var sums = new double[slopes.rows().size()];
    var gone = new boolean[n];
    for (int k = 0; k < take; k++) {
      int best = -1;
      double least = Double.POSITIVE_INFINITY;
      for (int g = 0; g < n; g++) {
        double more = 0;
        for (int r = 0; !gone[g] && r < sums.length; r++) {
          double slope = slopes.rows().get(r)[g];
          more += sums[r] * slope + slope * slope / 2;
        }
        if (!gone[g] && more < least) {
          least = more;
          best = g;
        }
      }
      gone[best] = true;
      for (int r = 0; r < sums.length; r++) {
        sums[r] += slopes.rows().get(r)[best];
      }
    }
    double loss = 0;
    for (double sum : sums) {
      loss += sum * sum / 2;
    }
    return loss;
  }

  private static double sum(GroupSlopes slopes, int[] gone) {
    double loss = 0;
    for (var row : slopes.rows()) {
      double sum = 0;
      for (int g : gone) {
        sum += row[g];
      }
      loss += sum * sum / 2;
    }
    return loss;
  }
}
