package io.lorashear.torch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.lora.LoraSettings;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batch;
import io.lorashear.train.TinyModel;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SurrogateTest {
  private static final int RANK = 3;

  /** A product of plain matrices (n, k) and (k, m). */
  private static double[][] product(float[] left, float[] right, int k) {
    var product = new double[left.length / k][right.length / k];
    for (int i = 0; i < product.length; i++) {
      for (int j = 0; j < product[i].length; j++) {
        for (int r = 0; r < k; r++) {
          product[i][j] += (double) left[i * k + r] * right[r * product[i].length + j];
        }
      }
    }
    return product;
  }

  @Test
  void theProductsAreThoseOfPlainLoops() {
    var graph = TinyModel.graph();
    var lora = new LoraSettings(RANK, 2 * RANK, List.of());
    try (var model = AdaptedModel.load(graph, TinyModel.weights(graph, 1), lora, 7, Device.cpu());
        var scope = model.model().manager().newSubManager()) {
      var random = new Random(4);
      for (var pair : model.bindings()) {
        var values = new float[(int) model.model().parameter(pair.b()).size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (0.3 * random.nextGaussian());
        }
        model.model().parameter(pair.b()).set(values);
      }
      Batch.of(TinyModel.sequences(4, 16, 3)).backward(model.model(), 20);
      for (var pair : model.bindings().subList(0, 7)) {
        var w = model.model().parameter(pair.weight());
        int in = (int) w.getShape().get(1);
        int out = (int) w.getShape().get(0);
        var a = model.model().parameter(pair.a());
        var b = model.model().parameter(pair.b());
        var gradientA = model.model().gradient(scope, pair.a()).toFloatArray();
        var gradientB = model.model().gradient(scope, pair.b()).toFloatArray();
        var ba = product(b.toFloatArray(), a.toFloatArray(), RANK);
        var first = product(gradientB, a.toFloatArray(), RANK);
        var second = product(b.toFloatArray(), gradientA, RANK);
        var third = product(gradientB, gradientA, RANK);
        var x = w.toFloatArray();
        var rows = new double[out];
        var columns = new double[in];
        for (int i = 0; i < out; i++) {
          for (int j = 0; j < in; j++) {
            double g = first[i][j] + second[i][j] - third[i][j];
            double each = Math.abs(g * (x[i * in + j] + 2 * ba[i][j]));
            rows[i] += each;
            columns[j] += each;
          }
        }
        for (int dimension = 0; dimension < 2; dimension++) {
          var expected = dimension == 0 ? rows : columns;
          var owners = new long[expected.length];
          Arrays.setAll(owners, i -> i);
          var grouped = new GroupedTensor(w, dimension, scope.create(owners));
          var ours =
              AxisKernels.surrogateProducts(scope, grouped, a, b, 2, expected.length)
                  .toFloatArray();
          for (int g = 0; g < ours.length; g++) {
            assertThat((double) ours[g]).isCloseTo(expected[g], within(1e-4 * expected[g]));
          }
        }
      }
    }
  }
}
