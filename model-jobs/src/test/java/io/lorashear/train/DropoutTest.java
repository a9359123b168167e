package io.lorashear.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.lorashear.InputException;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.family.Family;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.LoraSettings;
import io.lorashear.torch.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is left out of the inputs of LoRA pairs while they learn. */
class DropoutTest {
  private static final double SHARE = 0.25;
  private static final ModelGraph GRAPH = TinyModel.graph();

  private static AdaptedModel model(double share, String... targets) {
    var lora = new LoraSettings(3, 3, false, share, List.of(targets), Optional.empty());
    var model = AdaptedModel.load(GRAPH, TinyModel.weights(GRAPH, 1), lora, 5, Device.cpu());
    var random = new Random(4);
    for (var pair : model.bindings()) {
      var b = model.model().parameter(pair.b());
      var values = new float[(int) b.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (0.3 * random.nextGaussian());
      }
      try (var fresh = b.getManager().create(values, b.getShape())) {
        b.addi(fresh);
      }
    }
    return model;
  }

  private static double loss(
      AdaptedModel model, Batch batch, boolean recompute, OptionalLong seed) {
    Kernels.zeroGradients(List.copyOf(model.model().trainable().values()));
    return batch.backward(model.model(), 1, recompute, seed);
  }

  private static Map<String, float[]> gradients(AdaptedModel model) {
    var gradients = new TreeMap<String, float[]>();
    try (var scope = model.model().manager().newSubManager()) {
      for (var name : model.model().trainable().keySet()) {
        gradients.put(name, model.model().gradient(scope, name).toFloatArray());
      }
    }
    return gradients;
  }

  @Test
  void theSameSeedLeavesOutTheSameAndItsGradientsAreThoseOfThatLoss() {
    var batch = Batch.of(TinyModel.sequences(2, 10, 3));
    var seed = OptionalLong.of(9);
    try (var model = model(SHARE)) {
      double loss = loss(model, batch, false, seed);
      var gradients = gradients(model);
      assertThat(loss(model, batch, true, seed)).isEqualTo(loss);
      gradients(model).forEach((name, values) -> assertThat(values).isEqualTo(gradients.get(name)));
      assertThat(loss(model, batch, false, OptionalLong.of(10))).isNotEqualTo(loss);
      for (var layer : List.of("model.layers.0.self_attn.v_proj", "model.layers.1.mlp.up_proj")) {
        for (var factor : List.of(".lora_A.weight", ".lora_B.weight")) {
          var array = model.model().parameter(layer + factor);
          for (long place : new long[] {0, 7, 20}) {
            double slope = slope(model, batch, seed, array, place);
            double expected = gradients.get(layer + factor)[(int) place];
            assertThat(slope).isCloseTo(expected, within(2e-3 + 0.03 * Math.abs(expected)));
          }
        }
      }
    }
  }

  private static double slope(
      AdaptedModel model, Batch batch, OptionalLong seed, NDArray array, long at) {
    double step = 1e-2;
    double[] losses = new double[2];
    for (int side = 0; side < 2; side++) {
      var change = new float[(int) array.size()];
      change[(int) at] = (float) (side == 0 ? step : -2 * step);
      try (var moved = array.getManager().create(change, array.getShape())) {
        array.addi(moved);
      }
      losses[side] = loss(model, batch, false, seed);
    }
    var back = new float[(int) array.size()];
    back[(int) at] = (float) step;
    try (var moved = array.getManager().create(back, array.getShape())) {
      array.addi(moved);
    }
    return (losses[0] - losses[1]) / (2 * step);
  }

  /** One token alone is looked at: column i of A's gradient is a multiple of x_i·m_i. */
  @Test
  void inputsAreLeftOutOrGrownByTheShareThatIsKept() {
    var one = new Batch(new int[][] {{3, 7}}, new byte[][] {{0, 1}}, new int[][] {{0, 0}}, false);
    var name = "model.layers.0.mlp.down_proj.lora_A.weight";
    int columns = 12;
    try (var model = model(SHARE, "down_proj")) {
      loss(model, one, false, OptionalLong.empty());
      var whole = gradients(model).get(name);
      int gone = 0;
      int tries = 200;
      for (int seed = 0; seed < tries; seed++) {
        loss(model, one, false, OptionalLong.of(seed));
        var dropped = gradients(model).get(name);
        var ratios = new ArrayList<Double>();
        for (int i = 0; i < columns; i++) {
          if (dropped[i] == 0) {
            gone++;
          } else {
            ratios.add((double) dropped[i] / whole[i]);
          }
        }
        // ∂h itself differs, as another logit came of it, but it is one number for all columns.
        double all = ratios.isEmpty() ? 0 : ratios.get(0);
        for (double ratio : ratios) {
          assertThat(ratio).isCloseTo(all, within(0.02 * Math.abs(all)));
        }
      }
      double deviation = Math.sqrt(SHARE * (1 - SHARE) / (tries * columns));
      assertThat((double) gone / (tries * columns)).isCloseTo(SHARE, within(4 * deviation));
    }
  }

  @Test
  void withoutASeedOrAShareNothingIsLeftOut() {
    var batch = Batch.of(TinyModel.sequences(2, 10, 3));
    try (var model = model(SHARE);
        var plain = model(0)) {
      double expected = loss(plain, batch, false, OptionalLong.of(3));
      assertThat(loss(model, batch, false, OptionalLong.empty())).isEqualTo(expected);
      assertThat(loss(model, batch, false, OptionalLong.of(3))).isNotEqualTo(expected);
    }
  }

  @Test
  void aPairBesideTheHeadIsRefused() {
    var config = SmallModels.uniform();
    var graph = Family.of(config).trace(config);
    var weights = SmallModels.weights(config, 1);
    var lora = new LoraSettings(2, 2, false, SHARE, List.of("lm_head"), Optional.empty());
    try (var model = AdaptedModel.load(graph, weights, lora, 5, Device.cpu())) {
      var batch = Batch.of(TinyModel.sequences(1, 6, 3));
      assertThatThrownBy(() -> loss(model, batch, false, OptionalLong.of(1)))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "lora.dropout is set, but there is a pair beside the head, which knows none: take the"
                  + " head out of lora.targets, or set the dropout to 0");
    }
  }
}
