package io.lorashear.compensate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.index.NDIndex;
import io.lorashear.InputException;
import io.lorashear.corpus.Sequence;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.TinyModel;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UnexplainedTest {
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
    var ids = TinyModel.sequences(24, 16, 3).stream().map(Sequence::inputIds);
    batches = List.<int[][]>of(ids.toArray(int[][]::new));
  }

  @AfterEach
  void close() {
    model.close();
  }

  /** What a matrix reads: (tokens, in). */
  private double[][] read(ReadingMatrix matrix) {
    try (var scope = model.manager().newSubManager()) {
      var x = model.taps(scope, model.ids(scope, batches.get(0)), List.of(matrix.input())).get(0);
      var flat = x.toFloatArray();
      int in = matrix.width();
      return IntStream.range(0, flat.length / in)
          .mapToObj(t -> IntStream.range(0, in).mapToDouble(j -> flat[t * in + j]).toArray())
          .toArray(double[][]::new);
    }
  }

  /** Σ of squares that least squares on the columns {@code others} leaves of column {@code j}. */
  private static double left(double[][] x, int[] others, int j) {
    int n = others.length;
    var a = new double[n][n + 1];
    for (var row : x) {
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < n; k++) {
          a[i][k] += row[others[i]] * row[others[k]];
        }
        a[i][n] += row[others[i]] * row[j];
      }
    }
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < n; k++) {
        double factor = k == i ? 0 : a[k][i] / a[i][i];
        for (int c = i; c <= n; c++) {
          a[k][c] -= factor * a[i][c];
        }
      }
    }
    double left = 0;
    for (var row : x) {
      double rest = row[j];
      for (int i = 0; i < n; i++) {
        rest -= a[i][n] / a[i][i] * row[others[i]];
      }
      left += rest * rest;
    }
    return left;
  }

  @Test
  void itIsWhatLeastSquaresOnTheOtherColumnsLeaves() {
    var shares = Unexplained.shares(model, axes, batches, 1e-9);
    for (var matrix : ReadingMatrix.of(model.graph(), axes)) {
      var x = read(matrix);
      int groups = axes.get(matrix.place()).size();
      int size = matrix.width() / groups;
      for (int g = 0; g < groups; g++) {
        int group = g;
        var others = IntStream.range(0, matrix.width()).filter(j -> j / size != group).toArray();
        double left = 0;
        double whole = 0;
        for (int j = g * size; j < (g + 1) * size; j++) {
          left += left(x, others, j);
          for (var row : x) {
            whole += row[j] * row[j];
          }
        }
        assertThat(shares.get(matrix.place())[g])
            .as("group %d of %s", g, matrix.axis())
            .isBetween(0.0, 1.0)
            .isCloseTo(left / whole, within(1e-3));
      }
    }
  }

  @Test
  void whatAnotherRepeatsHasNothingOfItsOwn() {
    var channels = axes.get(1);
    var before = Unexplained.shares(model, axes, batches, 1e-4).get(1);
    for (var slice : channels.zeroed()) {
      slice.weight().set(new NDIndex("5"), slice.weight().get(2));
    }
    var after = Unexplained.shares(model, axes, batches, 1e-4).get(1);
    assertThat(before[2]).isGreaterThan(0.01);
    assertThat(after[2]).isLessThan(1e-3);
    assertThat(after[5]).isLessThan(1e-3);
  }

  @Test
  void whatNoMatrixReadsByColumnsCountsWhole() {
    var writers = axes.stream().map(axis -> axis.zeroed()).toList();
    var without =
        IntStream.range(0, axes.size())
            .mapToObj(i -> new AxisWeights(axes.get(i).axis(), axes.get(i).cost(), writers.get(i)))
            .toList();
    assertThat(Unexplained.shares(model, without, batches, 0.01))
        .allSatisfy(shares -> assertThat(shares).containsOnly(1));
  }

  @Test
  void activationsThatOverflowAreTold() {
    axes.get(1).zeroed().get(0).weight().set(new NDIndex("3"), Float.NaN);
    assertThatThrownBy(() -> Unexplained.shares(model, axes, batches, 0.01))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "saliency.residual: what model.layers.0.mlp.down_proj.weight reads on the calibration"
                + " rows has no finite second moments, so the model's activations overflow there:"
                + " see with generate or verify whether the model is sound, or set"
                + " saliency.residual to false");
  }
}
