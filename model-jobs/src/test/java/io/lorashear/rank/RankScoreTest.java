package io.lorashear.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.index.NDIndex;
import io.lorashear.torch.kernel.RankKernels;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every score, and what survivors make up for, against plain matrices. */
class RankScoreTest {
  private static final double BETA = 0.9;
  private static final double DAMPING = 0.05;
  private static final int[] ALL = IntStream.range(0, SmallPairs.RANK).toArray();

  private static void expect(double[] scores, int[] kept, IntToDoubleFunction score) {
    assertThat(scores).hasSize(kept.length);
    for (int j = 0; j < kept.length; j++) {
      double expected = score.applyAsDouble(kept[j]);
      assertThat(scores[j]).isCloseTo(expected, within(1e-4 * Math.abs(expected) + 1e-9));
    }
  }

  /** {@code (H_KK + μI)⁻¹} of gradients (m, r), the last being the newest. */
  private static PlainMatrix inverse(int[] kept, PlainMatrix... gradients) {
    var h = PlainMatrix.identity(SmallPairs.RANK).scaled(0);
    double weight = 0;
    for (var g : gradients) {
      h = h.scaled(BETA).plus(g.transposed().times(g), 1 - BETA);
      weight = BETA * weight + 1 - BETA;
    }
    var own = h.scaled(1 / weight).part(kept, kept);
    double mu = DAMPING * own.trace() / kept.length;
    return own.plus(PlainMatrix.identity(kept.length), mu).inverse();
  }

  /** The whole of S_j = ½‖W_j − (G H⁻¹)_j‖² / [H⁻¹]_jj without ½‖(G H⁻¹)_j‖² / [H⁻¹]_jj. */
  private static double[] ranking(PlainMatrix w, PlainMatrix g, PlainMatrix v, int[] kept) {
    var newton = g.columns(kept).times(v);
    var scores = new double[kept.length];
    for (int j = 0; j < kept.length; j++) {
      for (int i = 0; i < w.height(); i++) {
        double whole = w.at(i, kept[j]) - newton.at(i, j);
        scores[j] += (whole * whole - newton.at(i, j) * newton.at(i, j)) / (2 * v.at(j, j));
      }
    }
    return scores;
  }

  @Test
  void theGradientScoreIsTheLossThatAComponentIsWorth() {
    try (var small = new SmallPairs()) {
      var curvature = new Curvature(small.model.model().manager(), small.pairs, BETA, DAMPING);
      small.backward(1);
      curvature.observe();
      int pair = 2;
      var firstA = small.gradientOfA(pair).transposed();
      var firstB = small.gradientOfB(pair);
      small.backward(2);
      curvature.observe();
      var a = small.gradientOfA(pair).transposed();
      var b = small.gradientOfB(pair);
      for (var kept : new int[][] {ALL, {0, 2, 4}}) {
        var ofB = ranking(small.b(pair), b, inverse(kept, firstB, b), kept);
        var ofA = ranking(small.a(pair).transposed(), a, inverse(kept, firstA, a), kept);
        var scores = new GradientScore(curvature).of(pair, kept);
        for (int j = 0; j < kept.length; j++) {
          double size = Math.abs(ofA[j]) + Math.abs(ofB[j]);
          assertThat(scores[j]).isCloseTo(ofA[j] + ofB[j], within(1e-3 * size));
        }
      }
    }
  }

  /** With H = GᵀG what is left out of the score is the same for every component, nearly ½. */
  @Test
  void whatTheScoreLeavesOutTellsNoComponentFromAnother() {
    try (var small = new SmallPairs()) {
      small.backward(1);
      var g = small.gradientOfB(0);
      var h = g.transposed().times(g);
      double mu = 1e-9 * h.trace();
      var v = h.plus(PlainMatrix.identity(SmallPairs.RANK), mu).inverse();
      var newton = g.times(v);
      for (int j : ALL) {
        double sum = 0;
        for (int i = 0; i < g.height(); i++) {
          sum += newton.at(i, j) * newton.at(i, j);
        }
        assertThat(sum / v.at(j, j) / 2).isCloseTo(0.5, within(1e-4));
      }
    }
  }

  @Test
  void survivorsMakeUpByTheSmallestOfAllChanges() {
    try (var small = new SmallPairs()) {
      var curvature = new Curvature(small.model.model().manager(), small.pairs, BETA, DAMPING);
      small.backward(1);
      curvature.observe();
      int pair = 1;
      int[] kept = {0, 1, 3, 4};
      int[] gone = {1, 2}; // 1 and 3 of the rank
      var before = small.b(pair);
      var beforeA = small.a(pair).transposed();
      var h = inverse(kept, small.gradientOfB(pair)).inverse();
      var hA = inverse(kept, small.gradientOfA(pair).transposed()).inverse();
      curvature.compensateB(pair, kept, gone);
      curvature.compensateA(pair, kept, gone);
      expectSmallest(before, small.b(pair), h, kept, gone);
      expectSmallest(beforeA, small.a(pair).transposed(), hA, kept, gone);
    }
  }

  private static void expectSmallest(
      PlainMatrix before, PlainMatrix after, PlainMatrix h, int[] kept, int[] gone) {
    assertThat(after.columns(2)).extracting(PlainMatrix::rows).isEqualTo(before.columns(2).rows());
    var change = after.plus(before, -1).columns(kept);
    for (int place : gone) {
      for (int i = 0; i < before.height(); i++) {
        assertThat(after.at(i, kept[place])).isCloseTo(0, within(1e-6));
      }
    }
    var v = h.inverse();
    var inside = v.part(gone, gone).inverse();
    var rows = v.part(gone, IntStream.range(0, kept.length).toArray());
    var leaving = before.columns(IntStream.of(gone).map(place -> kept[place]).toArray());
    var closed = leaving.times(inside).times(rows).scaled(-1);
    double least = cost(change, h);
    assertThat(least).isCloseTo(cost(closed, h), within(1e-5 * least));
    var random = new Random(5);
    for (int n = 0; n < 200; n++) {
      var other = new double[before.height()][kept.length];
      double size = Math.pow(10, -3 * random.nextDouble());
      for (var row : other) {
        for (int j = 0; j < kept.length; j++) {
          int place = j;
          boolean free = IntStream.of(gone).noneMatch(left -> left == place);
          row[j] = free ? size * random.nextGaussian() : 0;
        }
      }
      assertThat(cost(closed.plus(new PlainMatrix(other), 1), h)).isGreaterThan(least * (1 - 1e-6));
    }
  }

  /** Of two equal components one goes: B alone makes up for it, B and A together twice over. */
  @Test
  void bothFactorsTogetherMakeUpTwice() {
    for (boolean both : new boolean[] {false, true}) {
      try (var small = new SmallPairs()) {
        int pair = 0;
        double damping = 1e-6;
        var a = small.pairs.get(pair).a();
        var b = small.pairs.get(pair).b();
        int[] kept = {0, 1};
        RankKernels.drop(a, new int[] {0, 2, 3, 4}, RankKernels.Side.A);
        RankKernels.drop(b, new int[] {0, 2, 3, 4}, RankKernels.Side.B);
        try (var rows = a.get("1:2");
            var columns = b.get(":, 1:2")) {
          a.set(new NDIndex("0:1"), rows);
          b.set(new NDIndex(":, 0:1"), columns);
        }
        var before = small.b(pair).times(small.a(pair));
        var curvature = new Curvature(small.model.model().manager(), small.pairs, BETA, damping);
        small.backward(1);
        curvature.observe();
        curvature.compensateB(pair, kept, new int[] {0});
        if (both) {
          curvature.compensateA(pair, kept, new int[] {0});
        }
        RankKernels.drop(a, new int[] {0}, RankKernels.Side.A);
        RankKernels.drop(b, new int[] {0}, RankKernels.Side.B);
        expectClose(small.b(pair).times(small.a(pair)), before.scaled(both ? 2 : 1), 1e-3);
      }
    }
  }

  /** {@code ½ tr(Δ H Δᵀ)}. */
  private static double cost(PlainMatrix change, PlainMatrix h) {
    return change.times(h).times(change.transposed()).trace() / 2;
  }

  @Test
  void magnitudesAndProductsAreSumsOverAComponent() {
    try (var small = new SmallPairs()) {
      small.backward(1);
      int pair = 3;
      var a = small.a(pair);
      var b = small.b(pair);
      var p = small.gradientOfA(pair);
      var q = small.gradientOfB(pair);
      int[] kept = {1, 2, 4};
      expect(
          new MagnitudeScore(small.pairs).of(pair, kept),
          kept,
          j -> norm(a.rows()[j]) * norm(b.transposed().rows()[j]));
      expect(
          new ProductScore(small.pairs).of(pair, kept),
          kept,
          j -> products(a.rows()[j], p.rows()[j]) + products(column(b, j), column(q, j)));
    }
  }

  private static double[] column(PlainMatrix matrix, int j) {
    return matrix.transposed().rows()[j];
  }

  private static double norm(double[] values) {
    return Math.sqrt(
        IntStream.range(0, values.length).mapToDouble(i -> values[i] * values[i]).sum());
  }

  private static double products(double[] x, double[] y) {
    return IntStream.range(0, x.length).mapToDouble(i -> Math.abs(x[i] * y[i])).sum();
  }

  @Test
  void sensitivitiesAreSmoothedElementByElement() {
    try (var small = new SmallPairs()) {
      var score = new SensitivityScore(small.model.model().manager(), small.pairs);
      int pair = 0;
      var a = new double[2][SmallPairs.RANK * 16];
      var b = new double[2][16 * SmallPairs.RANK];
      for (int step = 1; step <= 3; step++) {
        small.backward(step);
        score.observe();
        smooth(a, small.a(pair), small.gradientOfA(pair));
        smooth(b, small.b(pair), small.gradientOfB(pair));
      }
      int[] kept = {0, 3};
      expect(
          score.of(pair, kept),
          kept,
          j -> {
            double sum = 0;
            for (int i = 0; i < 16; i++) {
              int inA = j * 16 + i;
              int inB = i * SmallPairs.RANK + j;
              sum += a[0][inA] * a[1][inA] / 16 + b[0][inB] * b[1][inB] / 16;
            }
            return sum;
          });
    }
  }

  private static void smooth(double[][] state, PlainMatrix w, PlainMatrix g) {
    for (int k = 0; k < state[0].length; k++) {
      int i = k / w.width();
      int j = k % w.width();
      double sensitivity = Math.abs(w.at(i, j) * g.at(i, j));
      state[0][k] = 0.85 * state[0][k] + 0.15 * sensitivity;
      state[1][k] = 0.85 * state[1][k] + 0.15 * Math.abs(sensitivity - state[0][k]);
    }
  }

  /** The gradients that were turned with the components are those that the turned pairs have. */
  @Test
  void singularDirectionsComputeTheSameAndHaveTheirOwnGradients() {
    try (var small = new SmallPairs()) {
      small.backward(1);
      int pair = 2;
      int[] kept = {0, 1, 2, 4};
      dropped(small, 3);
      small.backward(1);
      var product = small.b(pair).times(small.a(pair));
      var values = new SvdScore(small.pairs).of(pair, kept);
      var b = small.b(pair);
      var a = small.a(pair);
      expectClose(b.times(a), product, 1e-5);
      var inner = b.transposed().times(b);
      var outer = a.times(a.transposed());
      for (int j = 0; j < kept.length; j++) {
        assertThat(values[j]).isCloseTo(inner.at(kept[j], kept[j]), within(1e-4));
        assertThat(values[j]).isCloseTo(outer.at(kept[j], kept[j]), within(1e-4));
        assertThat(j == 0 || values[j] <= values[j - 1]).isTrue();
        assertThat(inner.at(kept[0], kept[j])).isCloseTo(j == 0 ? values[0] : 0, within(1e-4));
      }
      double squares = product.transposed().times(product).trace();
      assertThat(IntStream.range(0, 4).mapToDouble(j -> values[j] * values[j]).sum())
          .isCloseTo(squares, within(1e-4 * squares));
      var turnedA = small.gradientOfA(pair);
      var turnedB = small.gradientOfB(pair);
      small.backward(1);
      expectClose(turnedA, small.gradientOfA(pair), 1e-3);
      expectClose(turnedB, small.gradientOfB(pair), 1e-3);
    }
  }

  private static void dropped(SmallPairs small, int component) {
    for (var pair : small.pairs) {
      RankKernels.drop(pair.a(), new int[] {component}, RankKernels.Side.A);
      RankKernels.drop(pair.b(), new int[] {component}, RankKernels.Side.B);
    }
  }

  private static void expectClose(PlainMatrix actual, PlainMatrix expected, double tolerance) {
    for (int i = 0; i < expected.height(); i++) {
      assertThat(actual.rows()[i]).containsExactly(expected.rows()[i], within(tolerance));
    }
  }
}
