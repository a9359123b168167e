package io.lorashear.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.gate.Lagrangian.Part;
import io.lorashear.gate.MaskRule.Curve;
import io.lorashear.graph.Widths;
import io.lorashear.optim.AdamSettings;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.train.TinyModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LagrangianTest {
  private static final double STEP = 1e-6;

  private static Curve drawn(int size, Random random) {
    var curve = Curve.of(size);
    for (int g = 0; g < size; g++) {
      curve.values()[g] = random.nextDouble();
      curve.slopes()[g] = 1 + random.nextDouble();
    }
    return curve;
  }

  private static List<Part> parts() {
    return List.of(
        new Part(new int[] {0, 2}, new double[] {5, 1}, 0.6),
        new Part(new int[] {1}, new double[] {3}, 0.25));
  }

  @Test
  void theGradientIsTheDifferenceOnBothSidesOfItsValue() {
    var random = new Random(2);
    var counts = List.of(drawn(3, random), drawn(4, random), drawn(6, random));
    var lagrangian = new Lagrangian("all", parts(), new Lagrangian.Rates(1, 2, 3), 10);
    for (long step = 0; step < 4; step++) {
      lagrangian.ascend(counts, step, 0.3, AdamSettings.USUAL);
    }
    var gradients = List.of(new double[3], new double[4], new double[6]);
    lagrangian.addGradient(counts, 4, gradients);
    for (int i = 0; i < counts.size(); i++) {
      var values = counts.get(i).values();
      for (int g = 0; g < values.length; g++) {
        double before = values[g];
        values[g] = before + STEP;
        double above = lagrangian.value(counts, 4);
        values[g] = before - STEP;
        double below = lagrangian.value(counts, 4);
        values[g] = before;
        double slope = (above - below) / (2 * STEP) * counts.get(i).slopes()[g];
        assertThat(gradients.get(i)[g]).isCloseTo(slope, within(1e-8)).isNotZero();
      }
    }
  }

  private static StreamMask stream(PruningSpace space) {
    var axis = StreamMask.axis(space);
    return new StreamMask(
        space, new AxisWeights(axis, space.cost(axis.axis(), Widths.TRACED), List.of()), 9);
  }

  private static List<AxisWeights> axes(PruningSpace space) {
    return space.prunable(PruningSpace.STRUCTURES).stream()
        .map(axis -> new AxisWeights(axis, space.cost(axis.axis(), Widths.TRACED), List.of()))
        .toList();
  }

  /** Masks at 0 and 1 count what a model has that is cut so. */
  @Test
  void expectedParametersAreThoseOfTheModelThatIsCut() {
    var graph = TinyModel.graph();
    var space = PruningSpace.of(graph);
    var mask = stream(space);
    var all = new ArrayList<>(axes(space));
    var constraint = mask.parameters(axes(space), LayerMasks.NONE, 0.5);
    all.add(mask.axis());
    var random = new Random(7);
    for (int n = 0; n < 20; n++) {
      var counts = new ArrayList<Curve>();
      var gone = Groups.none();
      for (var axis : all) {
        var curve = Curve.of(axis.size());
        for (int g = 0; g < axis.size(); g++) {
          curve.values()[g] = g == 0 || random.nextBoolean() ? 1 : 0;
          gone = curve.values()[g] == 0 ? gone.plus(Groups.of(axis.name(), g)) : gone;
        }
        counts.add(curve);
      }
      double left = new WidthPlan(gone).parameters(graph);
      assertThat(constraint.open(counts) * graph.parameterCount()).isCloseTo(left, within(1e-6));
    }
  }

  /** Of the stream, of groups and of whole layers, all of which are multiplied. */
  @Test
  void theGradientOfExpectedParametersIsTheDifferenceOnBothSides() {
    var space = PruningSpace.of(TinyModel.graph());
    var mask = stream(space);
    var layers = LayerMasks.of(space, axes(space), 1, Long.MAX_VALUE);
    var constraint = mask.parameters(axes(space), layers, 0.5);
    var random = new Random(3);
    var counts = new ArrayList<Curve>();
    axes(space).forEach(axis -> counts.add(drawn(axis.size(), random)));
    counts.add(drawn(16, random));
    counts.add(drawn(2, random));
    var lagrangian = new Lagrangian("all", List.of(constraint), new Lagrangian.Rates(1, 2, 0), 10);
    for (long step = 0; step < 4; step++) {
      lagrangian.ascend(counts, step, 0.3, AdamSettings.USUAL);
    }
    var gradients = new ArrayList<double[]>();
    counts.forEach(curve -> gradients.add(new double[curve.values().length]));
    lagrangian.addGradient(counts, 4, gradients);
    for (int i = 0; i < counts.size(); i++) {
      var values = counts.get(i).values();
      for (int g = 0; g < values.length; g++) {
        double before = values[g];
        values[g] = before + STEP;
        double above = lagrangian.value(counts, 4);
        values[g] = before - STEP;
        double below = lagrangian.value(counts, 4);
        values[g] = before;
        double slope = (above - below) / (2 * STEP) * counts.get(i).slopes()[g];
        assertThat(gradients.get(i)[g]).isCloseTo(slope, within(1e-8)).isNotZero();
      }
    }
  }

  /** Adam's first step is its rate in the direction of the slope, here that of too much open. */
  @Test
  void multipliersClimbWhileTooMuchIsOpenAndTheTargetGrows() {
    var open = Curve.of(4);
    Arrays.fill(open.values(), 0.8);
    var part = new Part(new int[] {0}, new double[] {7}, 0.5);
    var lagrangian = new Lagrangian("all", List.of(part), new Lagrangian.Rates(1, 2, 0), 4);
    var adam = new AdamSettings(0.9, 0.999, 1e-12, 0);
    lagrangian.ascend(List.of(open), 2, 0.1, adam); // target 0.75: 0.05 too much
    var report = lagrangian.report(List.of(open), 2);
    assertThat(report.path("open").asDouble()).isCloseTo(0.8, within(1e-12));
    assertThat(report.path("target").asDouble()).isCloseTo(0.75, within(1e-12));
    assertThat(report.path("lambda").asDouble()).isCloseTo(0.1, within(1e-9));
    assertThat(report.path("phi").asDouble()).isCloseTo(0.2, within(1e-9));
    assertThat(report.path("psi").asDouble()).isZero();
    assertThat(lagrangian.value(List.of(open), 2))
        .isCloseTo(0.1 * 0.05 + 0.2 * 0.05 * 0.05, within(1e-9));
    assertThat(lagrangian.value(List.of(open), 100))
        .isCloseTo(0.1 * 0.3 + 0.2 * 0.3 * 0.3, within(1e-9));
    assertThat(lagrangian.report(List.of(open), 100).path("target").asDouble()).isEqualTo(0.5);
  }

  static Stream<Arguments> rules() {
    return Stream.of(
        Arguments.of(new HardConcrete(2.0 / 3), new Lagrangian.Rates(1, 1, 0), 0.1),
        Arguments.of(new RectifiedGate(0.5, 0.1, 600), new Lagrangian.Rates(1, 20, 1), 0.02));
  }

  /**
   * A loss that is known, worth · (1 − m)² / 2 of every group. Twenty of a hundred are worth much,
   * the target is thirty.
   */
  @ParameterizedTest
  @MethodSource("rules")
  void theCountEndsAtTheTargetAndTheWorthyStay(MaskRule rule, Lagrangian.Rates rates, double rate) {
    int n = 100;
    var worth = new double[n];
    Arrays.setAll(worth, g -> g % 5 == 0 ? 0.2 : 0.002 + 1e-5 * g);
    try (var manager = NDManager.newBaseManager("PyTorch")) {
      var masks = new Masks(rule.first(n, new SplittableRandom(1)), manager);
      var part = new Part(new int[] {0}, new double[] {1}, 0.3);
      var lagrangian = new Lagrangian("all", List.of(part), rates, 100);
      for (long step = 0; step < 600; step++) {
        var factors = rule.factors(masks.parameters(), new SplittableRandom(step));
        var gradient = new double[n];
        for (int g = 0; g < n; g++) {
          gradient[g] = worth[g] * (factors.values()[g] - 1) * factors.slopes()[g];
        }
        var counts = List.of(rule.counts(masks.parameters(), step));
        lagrangian.addGradient(counts, step, List.of(gradient));
        lagrangian.ascend(counts, step, rate, AdamSettings.USUAL);
        masks.descend(gradient, step + 1, rate, AdamSettings.USUAL, rule);
      }
      var counts = List.of(rule.counts(masks.parameters(), 600));
      assertThat(lagrangian.report(counts, 600).path("open").asDouble()).isBetween(0.25, 0.35);
      var order = new ArrayList<>(IntStream.range(0, n).boxed().toList());
      order.sort((g, h) -> Double.compare(score(rule, masks, h), score(rule, masks, g)));
      assertThat(order.subList(0, 30))
          .containsAll(IntStream.range(0, n).filter(g -> g % 5 == 0).boxed().toList());
    }
  }

  private static double score(MaskRule rule, Masks masks, int group) {
    return rule.score(masks.parameters()[group]);
  }

  @Test
  void masksFollowAdamsEquations() {
    var rule = new RectifiedGate(0.5, 0.1, 10);
    var adam = new AdamSettings(0.9, 0.95, 1e-8, 0.1);
    try (var manager = NDManager.newBaseManager("PyTorch")) {
      var masks = new Masks(new float[] {1, 0.5f}, manager);
      masks.descend(new double[] {2, -1}, 1, 0.01, adam, rule);
      assertThat(masks.parameters())
          .containsExactly(
              new float[] {(float) (1 * 0.999 - 0.01), (float) (0.5 * 0.999 + 0.01)},
              within(1e-6f));
      masks.descend(new double[] {0, 0}, 2, 0.01, adam, rule);
      double step = 0.01 * (0.9 * 0.2 / 0.19) / Math.sqrt(0.95 * 0.05 * 4 / (1 - 0.95 * 0.95));
      assertThat((double) masks.parameters()[0]).isCloseTo(0.989 * 0.999 - step, within(1e-6));
      masks.descend(new double[] {0, 9}, 3, 5, adam, rule);
      assertThat(masks.parameters()[1]).isEqualTo(-0.1f);
    }
  }
}
