package io.lorashear.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.graph.BlockMatrix;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.RandomGraphs;
import io.lorashear.graph.ReferenceForward;
import io.lorashear.lora.LoraSettings;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.engine.HostArrays;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Pairs whose product is left out where the weight is zero. */
class MaskedPairsTest {
  private static final ModelGraph GRAPH = TinyModel.graph();
  private static final String DOWN = "model.layers.0.mlp.down_proj";
  private static final int[] IDS = {3, 1, 4, 1, 5, 9, 2, 6};

  /** Half of the weights of every matrix of a block at zero, by chance. */
  private static InMemoryTensors sparse(ModelGraph graph, TensorSource dense, Random random) {
    var tensors = new InMemoryTensors();
    var matrices = new HashSet<String>();
    BlockMatrix.of(graph).forEach(matrix -> matrices.add(matrix.name()));
    for (var name : dense.tensors().keySet()) {
      var values = dense.floats(name);
      for (int i = 0; i < values.length && matrices.contains(name); i++) {
        values[i] = random.nextBoolean() ? 0 : values[i];
      }
      tensors.put(name, values, dense.tensor(name).shape());
    }
    return tensors;
  }

  private static Set<String> names(ModelGraph graph) {
    var names = new HashSet<String>();
    BlockMatrix.of(graph).forEach(matrix -> names.add(matrix.name()));
    return names;
  }

  /** Pairs that have learnt something: no B is zero. */
  private static AdaptedModel learnt(ModelGraph graph, TensorSource weights, Random random) {
    var lora = new LoraSettings(3, 6, List.of());
    var model =
        AdaptedModel.load(
            graph,
            weights,
            lora,
            LearnSettings.PAIRS,
            names(graph),
            7,
            Placement.of(Device.cpu(), Precision.FLOAT32));
    for (var pair : model.bindings()) {
      var b = model.model().parameter(pair.b());
      var values = new float[(int) b.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (0.1 * random.nextGaussian());
      }
      try (var other = b.getManager().create(values, b.getShape())) {
        b.addi(other);
      }
    }
    return model;
  }

  private static float[] logits(TorchModel model, int... ids) {
    try (var scope = model.manager().newSubManager()) {
      return model.logits(scope, model.ids(scope, ids)).toFloatArray();
    }
  }

  private static float[] flat(double[][] rows) {
    var values = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    var floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  @Test
  void theRunningModelIsTheMergedOneToTheBitAndNoZeroIsFilled() {
    var random = new Random(1);
    var weights = sparse(GRAPH, TinyModel.weights(GRAPH, 1), random);
    try (var model = learnt(GRAPH, weights, random)) {
      var running = logits(model.model(), IDS);
      var reference = ReferenceForward.logits(model.model().graph(), model.model().tensors(), IDS);
      assertThat(running).containsExactly(flat(reference), within(1e-4f));
      model.fold().fold();
      try (var merged = TorchModel.load(GRAPH, model.baseTensors(), Device.cpu())) {
        assertThat(logits(merged, IDS)).isEqualTo(running);
      }
      try (var before = TorchModel.load(GRAPH, weights, Device.cpu())) {
        assertThat(logits(before, IDS)).isNotEqualTo(running);
      }
      for (var name : names(GRAPH)) {
        var was = weights.floats(name);
        var is = model.baseTensors().floats(name);
        for (int i = 0; i < was.length; i++) {
          assertThat(is[i] == 0).as(name + " " + i).isEqualTo(was[i] == 0);
        }
      }
    }
  }

  /** Whatever the graph, weights stored (in, out) and experts included. */
  @Property(tries = 25)
  void anyGraphComputesWhatPlainLoopsDo(@ForAll long seed) {
    var random = new Random(seed);
    var graph = RandomGraphs.graph(random);
    var weights = sparse(graph, RandomGraphs.weights(graph, random), random);
    var ids = random.ints(7, 0, RandomGraphs.VOCABULARY).toArray();
    try (var model = learnt(graph, weights, random)) {
      var running = logits(model.model(), ids);
      var reference = ReferenceForward.logits(model.model().graph(), model.model().tensors(), ids);
      assertThat(running).containsExactly(flat(reference), within(1e-3f));
      model.fold().fold();
      try (var merged = TorchModel.load(graph, model.baseTensors(), Device.cpu())) {
        assertThat(logits(merged, ids)).containsExactly(running, within(1e-4f));
      }
    }
  }

  /** By two-sided differences of the loss in double precision, of every number of one pair. */
  @Test
  void gradientsAreThoseOfTheMaskedProduct() {
    var random = new Random(2);
    var weights = sparse(GRAPH, TinyModel.weights(GRAPH, 1), random);
    try (var model = learnt(GRAPH, weights, random);
        var scope = model.model().manager().newSubManager()) {
      for (boolean again : new boolean[] {false, true}) {
        model.model().trainable(List.copyOf(model.model().trainable().keySet()));
        var ids = model.model().ids(scope, IDS);
        NDArray mask = scope.ones(ids.getShape());
        double loss =
            HostArrays.number(
                model
                    .model()
                    .backward(scope, ids, mask, 1, null, null, again, OptionalLong.empty()));
        assertThat(loss).isCloseTo(loss(model, DOWN + ".lora_A.weight", 0, 0), within(1e-5));
        for (var factor : List.of(DOWN + ".lora_A.weight", DOWN + ".lora_B.weight")) {
          var gradient = model.model().gradient(scope, factor).toFloatArray();
          for (int i = 0; i < gradient.length; i++) {
            double step = 1e-4;
            double slope =
                (loss(model, factor, i, step) - loss(model, factor, i, -step)) / (2 * step);
            assertThat((double) gradient[i]).as(factor + " " + i).isCloseTo(slope, within(2e-5));
          }
          assertThat(gradient).isNotEqualTo(new float[gradient.length]);
        }
      }
    }
  }

  /** With number {@code i} of one factor moved. */
  private static double loss(AdaptedModel model, String factor, int i, double by) {
    var tensors = new InMemoryTensors();
    var all = model.model().tensors();
    for (var name : all.tensors().keySet()) {
      tensors.put(name, all.floats(name), all.tensor(name).shape());
    }
    var moved = all.floats(factor);
    moved[i] += (float) by;
    double exactly = (double) moved[i] - all.floats(factor)[i];
    tensors.put(factor, moved, all.tensor(factor).shape());
    var logits = ReferenceForward.logits(model.model().graph(), tensors, IDS);
    double loss = 0;
    for (int t = 0; t + 1 < IDS.length; t++) {
      double most = Arrays.stream(logits[t]).max().orElseThrow();
      double sum = Arrays.stream(logits[t]).map(z -> Math.exp(z - most)).sum();
      loss += most + Math.log(sum) - logits[t][IDS[t + 1]];
    }
    assertThat(by == 0 || Math.abs(exactly / by - 1) < 0.01).isTrue();
    return loss / (IDS.length - 1);
  }
}
