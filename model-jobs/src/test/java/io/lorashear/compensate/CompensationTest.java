package io.lorashear.compensate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lorashear.InputException;
import io.lorashear.corpus.Sequence;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.lora.LoraSettings;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.kernel.AxisKernels;
import io.lorashear.torch.kernel.LeastSquares;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.TinyModel;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CompensationTest {
  private TorchModel model;
  private List<AxisWeights> axes;
  private List<int[][]> batches;

  @BeforeEach
  void load() {
    var graph = TinyModel.graph();
    model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu());
    var space = PruningSpace.of(graph);
    axes =
        AxisWeights.of(space, space.prunable(PruningSpace.STRUCTURES), List.of(), model::parameter);
    var ids = TinyModel.sequences(8, 16, 3).stream().map(Sequence::inputIds);
    batches = List.<int[][]>of(ids.toArray(int[][]::new));
  }

  @AfterEach
  void close() {
    model.close();
  }

  private float[] logits() {
    try (var scope = model.manager().newSubManager()) {
      return model.logits(scope, model.ids(scope, batches.get(0))).toFloatArray();
    }
  }

  private Groups others(Groups leaving) {
    return AxisWeights.all(axes).minus(leaving);
  }

  private void zero(AxisWeights axis, int group) {
    try (var scope = model.manager().newSubManager()) {
      var mask = new float[axis.size()];
      mask[group] = 1;
      var slices = axis.zeroed().stream().map(slice -> slice.grouped()).toList();
      AxisKernels.zero(slices, scope.create(mask));
    }
  }

  private static double distance(float[] a, float[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> Math.abs(a[i] - b[i])).max().orElse(0);
  }

  @Test
  void aChannelThatAnotherRepeatsGoesWithoutATrace() {
    var channels = axes.stream().filter(axis -> axis.name().contains("channels")).toList().get(0);
    for (var slice : channels.zeroed()) {
      slice.weight().set(new NDIndex("5"), slice.weight().get(2));
    }
    var before = logits();
    var compensation = new Compensation(model, axes, batches, 1e-7);
    var leaving = Groups.of(channels.name(), 5);
    compensation.measure(leaving, others(leaving));
    zero(channels, 5);
    double without = distance(logits(), before);
    compensation.add(0.25);
    compensation.add(0.75);
    assertThat(without).isGreaterThan(0.05);
    assertThat(distance(logits(), before)).isLessThan(2e-3);
  }

  @Test
  void whatIsRefittedIsNearerToWhatWasThere() {
    for (var axis : axes) {
      var before = logits();
      var compensation = new Compensation(model, axes, batches, 0.01);
      var leaving = Groups.of(axis.name(), 1);
      compensation.measure(leaving, others(leaving));
      zero(axis, 1);
      double without = squares(logits(), before);
      compensation.add(1);
      assertThat(squares(logits(), before)).as(axis.name()).isLessThan(0.9 * without);
      compensation.add(-1);
    }
  }

  private static double squares(float[] a, float[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> Math.pow(a[i] - b[i], 2)).sum();
  }

  @Test
  void whatLoraAddsToAReaderIsCarriedOverToo() {
    var graph = TinyModel.graph();
    var settings = new LoraSettings(4, 8, List.of());
    try (var adapted =
        AdaptedModel.load(graph, TinyModel.weights(graph, 1), settings, 7, Device.cpu())) {
      var space = PruningSpace.of(adapted.model().graph());
      var prunable = space.prunable(PruningSpace.STRUCTURES);
      var axis =
          AxisWeights.of(space, prunable, adapted.bindings(), adapted.model()::parameter).get(0);
      var reading = axis.slices().stream().filter(slice -> slice.dimension() == 1).findFirst();
      var slice = reading.orElseThrow();
      slice.pair().b().set(new NDIndex("2, 1"), 0.5);
      try (var scope = adapted.model().manager().newSubManager()) {
        var product = slice.pair().b().matMul(slice.pair().a()).mul(slice.pair().scale());
        var expected = slice.weight().add(product).toFloatArray();
        assertThat(slice.effective(scope).toFloatArray()).containsExactly(expected, within(1e-6f));
      }
    }
  }

  @Test
  void nothingLeavesNothingChanges() {
    var before = logits();
    var compensation = new Compensation(model, axes, batches, 0.01);
    var leaving = Groups.none();
    compensation.measure(leaving, others(leaving));
    compensation.add(1);
    assertThat(logits()).isEqualTo(before);
  }

  /** The normal equations once more, by Gauss in plain numbers. */
  @Test
  void theUpdateSolvesTheNormalEquations() {
    var random = new Random(4);
    int in = 7;
    int out = 3;
    int[] kept = {0, 2, 3, 6};
    int[] gone = {1, 4, 5};
    var x = random.doubles(40L * in, -1, 1).toArray();
    var w = random.doubles((long) out * in, -1, 1).toArray();
    try (var scope = NDManager.newBaseManager("PyTorch")) {
      var h = scope.zeros(new Shape(in, in));
      LeastSquares.addMoments(h, scope.create(floats(x), new Shape(4, 10, in)));
      var weight = scope.create(floats(w), new Shape(out, in));
      var k = scope.create(new long[] {0, 2, 3, 6});
      var r = scope.create(new long[] {1, 4, 5});
      var refit = LeastSquares.refit(scope, weight, h, k, r, 0.2);
      assertThat(refit.damping()).isEqualTo(0.2);
      for (boolean own : new boolean[] {false, true}) {
        var update = own ? refit.update() : LeastSquares.update(scope, weight, h, k, r, 0.2);
        var values = update.toFloatArray();
        for (int row = 0; row < out; row++) {
          var expected = solved(x, w, in, row, kept, gone, 0.2, own);
          for (int i = 0; i < kept.length; i++) {
            assertThat((double) values[row * in + kept[i]]).isCloseTo(expected[i], within(1e-4));
          }
          for (int i : gone) {
            assertThat(values[row * in + i]).isZero();
          }
        }
      }
    }
  }

  /** Of eigenvalues 2.05 and −0.05 the second needs more than 0.05. */
  @Test
  void whatCannotBeFactorisedIsDampedMore() {
    try (var scope = NDManager.newBaseManager("PyTorch")) {
      var h = scope.create(new double[] {1, 1.05, 1, 1.05, 1, 1, 1, 1, 1}, new Shape(3, 3));
      var weight = scope.create(new float[] {0, 0, 3}, new Shape(1, 3));
      var k = scope.create(new long[] {0, 1});
      var r = scope.create(new long[] {2});
      var refit = LeastSquares.refit(scope, weight, h, k, r, 0.01);
      assertThat(refit.damping()).isCloseTo(0.1, within(1e-12));
      float expected = (float) (3 / (1.1 + 1.05)); // of both, who are alike
      assertThat(refit.update().toFloatArray())
          .containsExactly(new float[] {expected, expected, 0}, within(1e-6f));
      h.set(new NDIndex("0, 1"), 5);
      h.set(new NDIndex("1, 0"), 5);
      assertThat(LeastSquares.refit(scope, weight, h, k, r, 0.01).damping()).isNaN();
    }
  }

  @Test
  void activationsThatOverflowAreTold() {
    var axis = axes.get(1);
    var compensation = new Compensation(model, axes, batches, 0.01);
    axis.zeroed().get(0).weight().set(new NDIndex("3"), Float.NaN);
    var leaving = Groups.of(axis.name(), 1);
    assertThatThrownBy(() -> compensation.measure(leaving, others(leaving)))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "compensation: what model.layers.0.mlp.down_proj.weight reads on the calibration rows"
                + " has no finite second moments, so the model's activations overflow there: see"
                + " with generate or verify whether the model is sound, or set compensation.rows"
                + " to 0");
  }

  /** A share of the mean square would be more than all that the repeated channel has. */
  @Test
  void oneInputOfAThousandfoldSizeDampsItselfAlone() {
    var channels = axes.stream().filter(axis -> axis.name().contains("channels")).toList().get(0);
    for (var slice : channels.slices()) {
      if (slice.zeroed()) {
        slice.weight().set(new NDIndex("5"), slice.weight().get(2));
      }
      boolean up = slice.name().contains("up_proj");
      if (up || !slice.zeroed()) {
        slice.weight().get(up ? "7" : ":, 7").muli(up ? 1000 : 0.001);
      }
    }
    var before = logits();
    var compensation = new Compensation(model, axes, batches, 0.01);
    var leaving = Groups.of(channels.name(), 5);
    compensation.measure(leaving, others(leaving));
    zero(channels, 5);
    double without = distance(logits(), before);
    compensation.add(1);
    assertThat(distance(logits(), before)).isLessThan(0.05 * without);
  }

  /** In float32 1e8 + 1 is 1e8. */
  @Test
  void whatManyRowsAddIsNotLostBesideWhatOneHas() {
    try (var scope = NDManager.newBaseManager("PyTorch")) {
      var h = scope.zeros(new Shape(1, 1), DataType.FLOAT64);
      LeastSquares.addMoments(h, scope.create(new float[] {1e4f}, new Shape(1, 1)));
      for (int i = 0; i < 3; i++) {
        LeastSquares.addMoments(h, scope.ones(new Shape(2, 3000, 1)));
      }
      assertThat(h.toDoubleArray()).containsExactly(1e8 + 18_000);
    }
    var matrices = ReadingMatrix.of(model.graph(), axes);
    try (var scope = model.manager().newSubManager()) {
      assertThat(new Inputs(model, batches).moments(scope, matrices).values())
          .allMatch(moments -> moments.getDataType() == DataType.FLOAT64);
    }
  }

  private static float[] floats(double[] values) {
    var floats = new float[values.length];
    IntStream.range(0, values.length).forEach(i -> floats[i] = (float) values[i]);
    return floats;
  }

  private static double[] solved(
      double[] x,
      double[] w,
      int in,
      int row,
      int[] kept,
      int[] gone,
      double damping,
      boolean own) {
    int n = kept.length;
    var a = new double[n][n + 1];
    double diagonal = 0;
    for (int t = 0; t < x.length / in; t++) {
      double lost = 0;
      for (int r : gone) {
        lost += w[row * in + r] * x[t * in + r];
      }
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          a[i][j] += x[t * in + kept[i]] * x[t * in + kept[j]];
        }
        a[i][n] += x[t * in + kept[i]] * lost;
        diagonal += Math.pow(x[t * in + kept[i]], 2);
      }
    }
    for (int i = 0; i < n; i++) {
      a[i][i] += damping * (own ? a[i][i] : diagonal / n);
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double factor = i == j ? 0 : a[j][i] / a[i][i];
        for (int k = i; k <= n; k++) {
          a[j][k] -= factor * a[i][k];
        }
      }
    }
    return IntStream.range(0, n).mapToDouble(i -> a[i][n] / a[i][i]).toArray();
  }
}
