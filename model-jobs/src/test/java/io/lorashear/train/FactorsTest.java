package io.lorashear.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.RandomGraphs;
import io.lorashear.lora.FactorRewrite;
import io.lorashear.lora.LoraSettings;
import io.lorashear.settings.Settings;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Factors where matrices read heads and channels, and norms, that learn beside pairs. */
class FactorsTest {
  private static final LoraSettings LORA = new LoraSettings(3, 6, List.of());
  private static final LearnSettings PAIRS = LearnSettings.PAIRS;
  private static final LearnSettings FACTORS =
      Settings.defaults(LearnSettings.class, List.of("norms=true", "factors=true"));

  private static AdaptedModel load(
      ModelGraph graph, TensorSource weights, LearnSettings learn, Precision precision) {
    var placement = Placement.of(Device.cpu(), precision);
    return AdaptedModel.load(graph, weights, LORA, learn, Set.of(), 7, placement);
  }

  /** Moves everything that learns away from where it began. */
  private static void learn(AdaptedModel model, Random random) {
    for (var weight : model.model().trainable().values()) {
      var values = new float[(int) weight.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (0.1 * random.nextGaussian());
      }
      try (var more = weight.getManager().create(values, weight.getShape())) {
        weight.addi(more);
      }
    }
  }

  private static float[] logits(TorchModel model, int... ids) {
    try (var scope = model.manager().newSubManager()) {
      return model.logits(scope, model.ids(scope, ids)).toFloatArray();
    }
  }

  @Test
  void everyMatrixThatReadsHeadsOrChannelsHasThem() {
    var factors = FactorRewrite.apply(TinyModel.graph()).factors();
    assertThat(factors)
        .containsOnlyKeys(
            "model.layers.0.self_attn.o_proj.weight",
            "model.layers.0.mlp.down_proj.weight",
            "model.layers.1.self_attn.o_proj.weight",
            "model.layers.1.mlp.down_proj.weight")
        .containsEntry(
            "model.layers.0.mlp.down_proj.weight", "model.layers.0.mlp.down_proj.factor");
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FLOAT32", "BFLOAT16"})
  void newFactorsChangeNoBit(Precision precision) {
    var graph = TinyModel.graph();
    var weights = TinyModel.weights(graph, 1);
    try (var with = load(graph, weights, FACTORS, precision);
        var without = load(graph, weights, PAIRS, precision)) {
      assertThat(logits(with.model(), 1, 2, 3, 4)).isEqualTo(logits(without.model(), 1, 2, 3, 4));
    }
  }

  /**
   * In any layout, with biases, experts and norms: what is folded says the same in a plain model.
   */
  @Property(tries = 25)
  void foldedFactorsSayTheSame(@ForAll long seed) {
    var random = new Random(seed);
    var graph = RandomGraphs.graph(random);
    try (var model = load(graph, RandomGraphs.weights(graph, random), FACTORS, Precision.FLOAT32)) {
      learn(model, random);
      var before = logits(model.model(), 1, 2, 3);
      model.fold().fold();
      assertThat(logits(model.model(), 1, 2, 3)).containsExactly(before, within(2e-3f));
      try (var plain = TorchModel.load(graph, model.baseTensors(), Device.cpu())) {
        assertThat(logits(plain, 1, 2, 3)).containsExactly(before, within(2e-3f));
      }
    }
  }

  private static double loss(TorchModel model, Batch batch) {
    return batch.backward(model, 1);
  }

  /** Central differences of the loss, one number at a time. */
  @Test
  void theGradientsAreThoseOfFiniteDifferences() {
    var graph = TinyModel.graph();
    var batch = Batch.of(TinyModel.sequences(4, 16, 5));
    try (var model = load(graph, TinyModel.weights(graph, 1), FACTORS, Precision.FLOAT32)) {
      learn(model, new Random(4));
      var running = model.model();
      running.trainable(List.copyOf(running.trainable().keySet())); // from gradients of zero
      loss(running, batch);
      var gradients = new LinkedHashMap<String, float[]>();
      try (var scope = running.manager().newSubManager()) {
        for (var name : running.trainable().keySet()) {
          if (running.parameter(name).getShape().dimension() == 1) {
            gradients.put(name, running.gradient(scope, name).toFloatArray().clone());
          }
        }
      }
      assertThat(gradients).hasSize(4 + 5);
      gradients.forEach(
          (name, gradient) -> expect(running, batch, running.parameter(name), name, gradient));
    }
  }

  private static void expect(
      TorchModel model, Batch batch, NDArray weight, String name, float[] gradient) {
    float step = 0.02f;
    for (int i = 0; i < gradient.length; i += 5) {
      double above = at(model, batch, weight, i, step);
      double below = at(model, batch, weight, i, -step);
      double slope = (above - below) / (2 * step);
      assertThat((double) gradient[i])
          .as(name + "[" + i + "]")
          .isCloseTo(slope, within(2e-3 + 0.03 * Math.abs(slope)));
    }
  }

  private static double at(TorchModel model, Batch batch, NDArray weight, int i, float step) {
    var values = new float[(int) weight.size()];
    values[i] = step;
    try (var change = weight.getManager().create(values, weight.getShape())) {
      weight.addi(change);
      double loss = loss(model, batch);
      weight.subi(change);
      return loss;
    }
  }

  @Test
  void theGradientsOfFactorsAreNotZero() {
    var graph = TinyModel.graph();
    try (var model = load(graph, TinyModel.weights(graph, 1), FACTORS, Precision.BFLOAT16)) {
      loss(model.model(), Batch.of(TinyModel.sequences(4, 16, 5)));
      try (var scope = model.model().manager().newSubManager()) {
        for (var name : FactorRewrite.apply(graph).factors().values()) {
          var gradient = model.model().gradient(scope, name).toFloatArray();
          for (float each : gradient) {
            assertThat(Math.abs(each)).as(name).isBetween(1e-9f, 10f);
          }
        }
      }
    }
  }
}
