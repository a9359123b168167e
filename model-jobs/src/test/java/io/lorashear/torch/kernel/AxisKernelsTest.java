package io.lorashear.torch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every figure is computed a second time by loops over plain arrays. */
class AxisKernelsTest {
  private static final int OUT = 6;
  private static final int IN = 5;
  private static final int RANK = 2;
  private static final int GROUPS = 3;
  private static final int[] ROWS = {0, 0, 2, -1, 1, 2};
  private static final int[] COLUMNS = {2, -1, 0, 1, 1};

  private final NDManager manager = Engine.getEngine("PyTorch").newBaseManager();
  private final Random random = new Random(7);
  private final NDArray x = uniform(OUT, IN);
  private final NDArray y = uniform(OUT, IN);
  private final NDArray bias = uniform(OUT);
  private final NDArray a = uniform(RANK, IN);
  private final NDArray b = uniform(OUT, RANK);
  private final NDArray rows = GroupedTensor.owners(manager, ROWS, GROUPS);
  private final NDArray columns = GroupedTensor.owners(manager, COLUMNS, GROUPS);
  private final List<GroupedTensor> both =
      List.of(new GroupedTensor(x, 0, rows), new GroupedTensor(y, 1, columns));

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray uniform(long... shape) {
    var values = new float[(int) new Shape(shape).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return manager.create(values, new Shape(shape));
  }

  @Test
  void squaredNormsSumOverAllTensorsOfAGroup() {
    var all = List.of(both.get(0), both.get(1), new GroupedTensor(bias, 0, rows));
    var expected = new double[GROUPS + 1];
    for (int i = 0; i < OUT; i++) {
      expected[group(ROWS, i)] += Math.pow(bias.getFloat(i), 2);
      for (int j = 0; j < IN; j++) {
        expected[group(ROWS, i)] += Math.pow(x.getFloat(i, j), 2);
        expected[group(COLUMNS, j)] += Math.pow(y.getFloat(i, j), 2);
      }
    }
    expect(AxisKernels.squaredNorms(manager, all, GROUPS), expected);
  }

  @Test
  void productsPairElementWithElement() {
    var inner = new double[GROUPS + 1];
    var absolute = new double[GROUPS + 1];
    for (int i = 0; i < OUT; i++) {
      for (int j = 0; j < IN; j++) {
        double product = x.getFloat(i, j) * y.getFloat(i, j);
        inner[group(ROWS, i)] += product;
        absolute[group(ROWS, i)] += Math.abs(product);
      }
    }
    var one = both.subList(0, 1);
    expect(AxisKernels.innerProducts(manager, one, List.of(y), GROUPS), inner);
    expect(AxisKernels.absoluteProducts(manager, one, List.of(y), GROUPS), absolute);
  }

  @Test
  void loraProductsNeedNoProductMatrix() {
    var inner = new double[GROUPS + 1];
    var squared = new double[GROUPS + 1];
    for (int i = 0; i < OUT; i++) {
      for (int j = 0; j < IN; j++) {
        double u = 2 * product(i, j);
        inner[group(ROWS, i)] += u * x.getFloat(i, j);
        inner[group(COLUMNS, j)] += u * y.getFloat(i, j);
        squared[group(ROWS, i)] += u * u;
        squared[group(COLUMNS, j)] += u * u;
      }
    }
    var as = List.of(a, a);
    var bs = List.of(b, b);
    expect(AxisKernels.loraInnerProducts(manager, both, as, bs, 2, GROUPS), inner);
    expect(AxisKernels.loraSquaredNorms(manager, both, as, bs, 2, GROUPS), squared);
  }

  @Test
  void scalingTouchesOnlyOwnedPositions() {
    var before = x.toFloatArray();
    AxisKernels.scale(both.subList(0, 1), manager.create(new float[] {2, 3, 5}));
    var factors = new float[] {2, 2, 5, 1, 3, 5};
    for (int i = 0; i < OUT * IN; i++) {
      assertThat(x.toFloatArray()[i]).isEqualTo(before[i] * factors[i / IN]);
    }
  }

  @Test
  void zeroingIsExactAndCopyingUndoesIt() {
    var before = y.duplicate();
    var mask = manager.create(new float[] {0, 1, 0});
    AxisKernels.zero(both.subList(1, 2), mask);
    for (int i = 0; i < OUT * IN; i++) {
      boolean gone = COLUMNS[i % IN] == 1;
      float expected = gone ? 0f : before.toFloatArray()[i];
      assertThat(Float.floatToIntBits(y.toFloatArray()[i]))
          .isEqualTo(Float.floatToIntBits(expected));
    }
    AxisKernels.copy(both.subList(1, 2), List.of(before), mask);
    assertThat(y.toFloatArray()).isEqualTo(before.toFloatArray());
  }

  @Test
  void foldingAddsTheProductToMarkedRows() {
    var before = x.toFloatArray();
    var marks = manager.create(new float[] {1, 1, 1, 0, 0, 1});
    AxisKernels.fold(List.of(x), List.of(a), List.of(b), List.of(marks), 0.5);
    for (int i = 0; i < OUT; i++) {
      for (int j = 0; j < IN; j++) {
        double added = marks.getFloat(i) * 0.5 * product(i, j);
        assertThat((double) x.getFloat(i, j)).isCloseTo(before[i * IN + j] + added, within(1e-6));
      }
    }
  }

  private double product(int i, int j) {
    double sum = 0;
    for (int k = 0; k < RANK; k++) {
      sum += b.getFloat(i, k) * a.getFloat(k, j);
    }
    return sum;
  }

  private static int group(int[] owners, int position) {
    return owners[position] < 0 ? GROUPS : owners[position];
  }

  private static void expect(NDArray actual, double[] expected) {
    assertThat(actual.getShape()).isEqualTo(new Shape(GROUPS));
    for (int g = 0; g < GROUPS; g++) {
      assertThat((double) actual.getFloat(g)).isCloseTo(expected[g], within(1e-5));
    }
  }
}
