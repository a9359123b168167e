package io.lorashear.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.graph.RandomGraphs;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batch;
import io.lorashear.train.TinyModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Training with one block in memory against training with all of them. */
class TrainingPassTest {
  private record Pass(double loss, Map<String, float[]> gradients) {}

  private static Pass pass(TorchModel model, List<String> learning, int[][] ids, boolean again) {
    model.trainable(learning);
    var mask = new byte[ids.length][ids[0].length];
    for (var row : mask) {
      Arrays.fill(row, (byte) 1);
    }
    try (var scope = model.manager().newSubManager()) {
      double loss = new Batch(ids, mask, starts(ids), false).backward(model, 0.7, again);
      var gradients = new LinkedHashMap<String, float[]>();
      for (var name : learning) {
        gradients.put(name, model.gradient(scope, name).toFloatArray().clone());
      }
      return new Pass(loss, gradients);
    }
  }

  private static int[][] starts(int[][] ids) {
    return new int[ids.length][ids[0].length];
  }

  @Test
  void lossesAndGradientsHaveTheSameBits() {
    var graph = TinyModel.graph();
    var lora = new LoraSettings(4, 8, List.of());
    var weights = TinyModel.weights(graph, 1);
    try (var model = AdaptedModel.load(graph, weights, lora, 7, Device.cpu())) {
      var random = new Random(2);
      for (var pair : model.bindings()) {
        var b = model.model().parameter(pair.b());
        try (var other = b.getManager().create(gaussian(random, (int) b.size()), b.getShape())) {
          b.addi(other);
        }
      }
      var ids = new int[][] {random.ints(12, 0, 24).toArray(), random.ints(12, 0, 24).toArray()};
      var pairs = List.copyOf(model.model().trainable().keySet());
      var everything = List.copyOf(model.model().graph().parameters().keySet());
      for (var learning : List.of(pairs, everything, List.of(pairs.get(pairs.size() - 1)))) {
        var whole = pass(model.model(), learning, ids, false);
        var blocks = pass(model.model(), learning, ids, true);
        assertThat(blocks.loss()).isEqualTo(whole.loss());
        whole
            .gradients()
            .forEach((name, g) -> assertThat(blocks.gradients().get(name)).as(name).isEqualTo(g));
        assertThat(whole.gradients().values())
            .anySatisfy(g -> assertThat(g).isNotEqualTo(new float[g.length]));
      }
    }
  }

  private static float[] gaussian(Random random, int count) {
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (0.1 * random.nextGaussian());
    }
    return values;
  }

  @Property(tries = 25)
  void anyGraphTrainsAlike(@ForAll long seed) {
    var random = new Random(seed);
    var graph = RandomGraphs.graph(random);
    if (random.nextBoolean()) {
      graph = LoraRewrite.apply(graph, new LoraSettings(3, 6, List.of())).graph();
    }
    var names = List.copyOf(graph.parameters().keySet());
    var learning = names.stream().filter(name -> random.nextBoolean()).toList();
    var ids = new int[][] {random.ints(7, 0, RandomGraphs.VOCABULARY).toArray()};
    try (var model = TorchModel.load(graph, RandomGraphs.weights(graph, random), Device.cpu())) {
      var whole = pass(model, learning, ids, false);
      var blocks = pass(model, learning, ids, true);
      assertThat(blocks.loss()).isEqualTo(whole.loss());
      whole
          .gradients()
          .forEach(
              (name, g) ->
                  assertThat(blocks.gradients().get(name))
                      .as(name)
                      .containsExactly(g, within(1e-4f)));
    }
  }
}
