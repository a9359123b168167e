package io.lorashear.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.torch.kernel.ColumnSums;
import io.lorashear.torch.kernel.LeastSquares;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Masks and weights of single small matrices against {@link PlainSparsity}. */
class MatrixMethodsTest {
  private static final int OUT = 5;
  private static final int IN = 24;
  private static final int TOKENS = 60;

  private NDManager scope;
  private double[][] w;
  private double[][] x;

  @BeforeEach
  void draw() {
    scope = NDManager.newBaseManager("PyTorch");
    var random = new Random(7);
    w = new double[OUT][IN];
    x = new double[TOKENS][IN];
    for (var row : w) {
      Arrays.setAll(row, j -> (float) random.nextGaussian());
    }
    for (var row : x) {
      double common = random.nextGaussian();
      Arrays.setAll(row, j -> (float) ((0.2 + j % 5) * (random.nextGaussian() + common)));
    }
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private NDArray array(double[][] rows) {
    var flat = new float[rows.length * rows[0].length];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = (float) rows[i / rows[0].length][i % rows[0].length];
    }
    return scope.create(flat, new Shape(rows.length, rows[0].length));
  }

  private static Zeros zeros(double share, String pattern) {
    return new Zeros(share, Pattern.of(pattern));
  }

  private NDArray norms() {
    var columns = ColumnSums.zero(scope, IN);
    columns.add(array(x).reshape(3, TOKENS / 3, IN));
    return columns.squares();
  }

  private NDArray moments() {
    var moments = scope.zeros(new Shape(IN, IN));
    LeastSquares.addMoments(moments, array(x).reshape(3, TOKENS / 3, IN));
    return moments;
  }

  private double[][] result(MatrixMethod method, NDArray inputs) {
    var weight = array(w);
    var sparse = method.sparse(scope, weight, inputs).toFloatArray();
    assertThat(weight.toFloatArray()).isEqualTo(array(w).toFloatArray());
    var rows = new double[OUT][IN];
    for (int i = 0; i < sparse.length; i++) {
      rows[i / IN][i % IN] = sparse[i];
    }
    return rows;
  }

  /** Every weight that does not go is as it was. */
  private void expect(double[][] sparse, int row, int first, boolean[] goes) {
    for (int i = 0; i < goes.length; i++) {
      assertThat(sparse[row][first + i])
          .as("row %d, column %d", row, first + i)
          .isEqualTo(goes[i] ? 0 : w[row][first + i]);
    }
  }

  private double[] wandaScores(int row) {
    return IntStream.range(0, IN)
        .mapToDouble(
            j -> {
              double squares = Arrays.stream(x).mapToDouble(token -> token[j] * token[j]).sum();
              return Math.abs(w[row][j]) * Math.sqrt(squares);
            })
        .toArray();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.25, 0.5, 0.8})
  void wandaTakesTheLowestOfEveryRow(double share) {
    var sparse = result(new Wanda(zeros(share, "unstructured")), norms());
    for (int row = 0; row < OUT; row++) {
      int count = (int) Math.round(share * IN);
      expect(sparse, row, 0, PlainSparsity.lowest(wandaScores(row), count));
    }
  }

  @ParameterizedTest
  @CsvSource({"2:4, 4, 2", "4:8, 8, 4", "1:4, 4, 3"})
  void wandaTakesTheLowestOfEveryGroup(String pattern, int group, int count) {
    var sparse = result(new Wanda(zeros((double) count / group, pattern)), norms());
    for (int row = 0; row < OUT; row++) {
      var scores = wandaScores(row);
      for (int first = 0; first < IN; first += group) {
        var part = Arrays.copyOfRange(scores, first, first + group);
        expect(sparse, row, first, PlainSparsity.lowest(part, count));
      }
    }
  }

  @Test
  void magnitudeTakesTheLowestOfTheWholeMatrix() {
    var sparse = result(new Magnitude(zeros(0.4, "unstructured")), norms());
    var scores = Arrays.stream(w).flatMapToDouble(Arrays::stream).map(Math::abs).toArray();
    var goes = PlainSparsity.lowest(scores, (int) Math.round(0.4 * OUT * IN));
    for (int row = 0; row < OUT; row++) {
      expect(sparse, row, 0, Arrays.copyOfRange(goes, row * IN, (row + 1) * IN));
    }
  }

  private double[][] damped(double damping) {
    var h = PlainSparsity.moments(x);
    double mean = IntStream.range(0, IN).mapToDouble(j -> h[j][j]).average().orElseThrow();
    IntStream.range(0, IN).forEach(j -> h[j][j] += damping * mean);
    return h;
  }

  @ParameterizedTest
  @CsvSource({
    "unstructured, 24, 0.5, 0, 0", // one block: the mask is fixed before anything changes
    "unstructured, 8, 0.5, 0, 0",
    "unstructured, 7, 0.3, 0, 0", // the last block is narrower
    "2:4, 8, 0.5, 4, 2",
    "4:8, 24, 0.5, 8, 4"
  })
  void sparseGptIsTheSequentialLeastSquares(
      String pattern, int width, double share, int group, int count) {
    var method = new SparseGpt(zeros(share, pattern), 0.01, width);
    var sparse = result(method, moments());
    var expected = PlainSparsity.surgery(w, damped(0.01), width, share, group, count);
    for (int row = 0; row < OUT; row++) {
      for (int j = 0; j < IN; j++) {
        assertThat(sparse[row][j] == 0).as("%d, %d", row, j).isEqualTo(expected[row][j] == 0);
        assertThat(sparse[row][j]).as("%d, %d", row, j).isCloseTo(expected[row][j], within(2e-4));
      }
    }
  }

  /** {@code w ← w − w_0 / [H⁻¹]_00 · H⁻¹_0,:}, the first weight being the only one that goes. */
  @Test
  void oneWeightIsRemovedInClosedForm() {
    w = new double[][] {w[0]};
    w[0][0] = (float) 1e-3;
    var h = damped(0.01);
    var unit = new double[IN];
    unit[0] = 1;
    var inverse = PlainSparsity.solve(h, unit);
    var method = new SparseGpt(zeros(1.0 / IN, "unstructured"), 0.01, IN);
    var sparse = method.sparse(scope, array(w), moments()).toFloatArray();
    assertThat(sparse[0]).isZero();
    for (int j = 1; j < IN; j++) {
      double expected = w[0][j] - w[0][0] / inverse[0] * inverse[j];
      assertThat((double) sparse[j]).isCloseTo(expected, within(1e-6));
    }
  }

  private double[] errors(double[][] sparse) {
    return Arrays.stream(x)
        .mapToDouble(
            token ->
                IntStream.range(0, OUT)
                    .mapToDouble(r -> Math.pow(dot(w[r], token) - dot(sparse[r], token), 2))
                    .sum())
        .toArray();
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }

  @Test
  void outputsStayNearestWithSparseGptAndFarthestWithMagnitude() {
    var every = zeros(0.5, "unstructured");
    double surgery = Arrays.stream(errors(result(new SparseGpt(every, 0.01, 8), moments()))).sum();
    double wanda = Arrays.stream(errors(result(new Wanda(every), norms()))).sum();
    double magnitude = Arrays.stream(errors(result(new Magnitude(every), norms()))).sum();
    assertThat(surgery).isLessThan(0.7 * wanda);
    assertThat(wanda).isLessThan(0.9 * magnitude);
  }

  @ParameterizedTest
  @CsvSource({"2:4, 4, 2", "4:8, 8, 4"})
  void everyGroupHasItsZerosAlsoWhereAllScoresAreEqual(String pattern, int group, int count) {
    for (var row : w) {
      Arrays.fill(row, 1);
    }
    var share = zeros(0.5, pattern);
    for (var method : new MatrixMethod[] {new Wanda(share), new Magnitude(share)}) {
      expectGroups(result(method, scope.ones(new Shape(IN))), group, count);
    }
    expectGroups(result(new SparseGpt(share, 0.01, 8), scope.eye(IN)), group, count);
  }

  private static void expectGroups(double[][] sparse, int group, int count) {
    for (var row : sparse) {
      for (int first = 0; first < IN; first += group) {
        var part = Arrays.stream(row, first, first + group);
        assertThat(part.filter(weight -> weight == 0).count()).isEqualTo(count);
      }
    }
  }

  @Test
  void whatNoTokenReachedLosesByMagnitude() {
    var all = zeros(0.5, "unstructured");
    var wanda = result(new Wanda(all), scope.zeros(new Shape(IN)));
    var surgery = result(new SparseGpt(all, 0.01, IN), scope.zeros(new Shape(IN, IN)));
    var scores = Arrays.stream(w).flatMapToDouble(Arrays::stream).map(Math::abs).toArray();
    var goes = PlainSparsity.lowest(scores, OUT * IN / 2);
    for (int row = 0; row < OUT; row++) {
      var inRow = Arrays.stream(w[row]).map(Math::abs).toArray();
      expect(wanda, row, 0, PlainSparsity.lowest(inRow, IN / 2));
      expect(surgery, row, 0, Arrays.copyOfRange(goes, row * IN, (row + 1) * IN));
    }
  }
}
