package io.lorashear.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withPrecision;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Sought;
import io.lorashear.reference.ReferenceData;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.Batch;
import io.lorashear.train.TinyModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class GatesTest {
  static List<AxisWeights> axes(ModelGraph graph, TorchModel model, boolean experts) {
    var space = PruningSpace.of(graph);
    return AxisWeights.of(
        space, space.prunable(PruningSpace.structures(experts)), List.of(), model::parameter);
  }

  /** The same, and behind them the residual stream. */
  static List<AxisWeights> withStream(ModelGraph graph, TorchModel model) {
    var axes = new ArrayList<>(axes(graph, model, false));
    axes.add(stream(graph, model));
    return axes;
  }

  static AxisWeights stream(ModelGraph graph, TorchModel model) {
    var space = PruningSpace.of(graph);
    var axis = List.of(StreamMask.axis(space));
    return AxisWeights.of(space, axis, List.of(), model::parameter).get(0);
  }

  static List<double[]> random(List<AxisWeights> axes, long seed) {
    var random = new Random(seed);
    var factors = new ArrayList<double[]>();
    for (var axis : axes) {
      factors.add(random.doubles(axis.size(), 0.5, 1.5).toArray());
      factors.get(factors.size() - 1)[0] = 0;
    }
    return factors;
  }

  private static double loss(TorchModel model, Batch batch) {
    try (var scope = model.manager().newSubManager()) {
      var losses = model.tokenLosses(scope, model.ids(scope, batch.ids())).toFloatArray();
      double sum = 0;
      for (float each : losses) {
        sum += each;
      }
      return sum / losses.length;
    }
  }

  /** On a model that was trained; the group with factor 0 is among those that are looked at. */
  @Test
  @Tag("reference")
  void theGradientIsTheDifferenceOfTheLossOnBothSides() {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/stories260K-hf"));
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu())) {
      var axes = withStream(checkpoint.graph(), model);
      var ids = new int[][] {new Random(3).ints(48, 0, 512).toArray()};
      var mask = new byte[1][48];
      Arrays.fill(mask[0], (byte) 1);
      var batch = new Batch(ids, mask, new int[1][48], false);
      try (var gates = new Gates(model, axes)) {
        var factors = random(axes, 9);
        gates.apply(factors);
        batch.backward(model, 1);
        var gradients = gates.gradients();
        double step = 0.02;
        for (int i = 0; i < axes.size(); i++) {
          for (int g : new int[] {0, axes.get(i).size() - 1}) {
            double before = factors.get(i)[g];
            factors.get(i)[g] = before + step;
            gates.apply(factors);
            double above = loss(model, batch);
            factors.get(i)[g] = before - step;
            gates.apply(factors);
            double slope = (above - loss(model, batch)) / (2 * step);
            factors.get(i)[g] = before;
            assertThat(gradients.get(i)[g])
                .as("%s, group %d", axes.get(i).name(), g)
                .isCloseTo(slope, within(2e-4 + 0.03 * Math.abs(slope)));
          }
        }
        double largest =
            gradients.stream().flatMapToDouble(Arrays::stream).map(Math::abs).max().orElse(0);
        assertThat(largest).isGreaterThan(0.01);
      }
    }
  }

  @Test
  void openGatesLeaveEveryBitAndFactorsScaleWhatReads() {
    var graph = TinyModel.graph();
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var axes = axes(graph, model, false);
      var name = "model.layers.1.mlp.down_proj.weight"; // (16, 12)
      var before = model.parameter(name).toFloatArray();
      var all = model.tensors().floats("model.layers.1.mlp.gate_proj.weight");
      try (var gates = new Gates(model, axes)) {
        var factors = random(axes, 4);
        gates.apply(factors);
        var channels =
            factors.get(
                axes.stream().map(AxisWeights::name).toList().indexOf("layers.1.mlp.channels"));
        var scaled = model.parameter(name).toFloatArray();
        for (int i = 0; i < scaled.length; i++) {
          assertThat(scaled[i]).isEqualTo((float) channels[i % 12] * before[i]);
        }
        assertThat(model.tensors().floats("model.layers.1.mlp.gate_proj.weight")).isEqualTo(all);
        gates.apply(axes.stream().map(axis -> ones(axis.size())).toList());
        assertThat(model.parameter(name).toFloatArray()).isEqualTo(before);
      }
      assertThat(model.trainable()).isEmpty();
    }
  }

  /** A channel of the stream has its factor in all that writes it, and in no norm. */
  @Test
  void aFactorOnTheStreamIsOneOnWhatWritesIt() {
    var graph = TinyModel.graph();
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var before = model.tensors();
      var down = before.floats("model.layers.1.mlp.down_proj.weight"); // (16, 12)
      var table = before.floats("model.embed_tokens.weight"); // (24, 16)
      var norm = before.floats("model.layers.0.input_layernorm.weight");
      var query = before.floats("model.layers.0.self_attn.q_proj.weight");
      var axes = withStream(graph, model);
      try (var gates = new Gates(model, axes)) {
        var factors = random(axes, 4);
        gates.apply(factors);
        var z = factors.get(axes.size() - 1);
        var m =
            factors.get(
                axes.stream().map(AxisWeights::name).toList().indexOf("layers.1.mlp.channels"));
        var after = model.tensors();
        var rows = after.floats("model.layers.1.mlp.down_proj.weight");
        for (int i = 0; i < rows.length; i++) {
          assertThat(rows[i]).isCloseTo((float) (z[i / 12] * m[i % 12] * down[i]), within(1e-6f));
        }
        var columns = after.floats("model.embed_tokens.weight");
        for (int i = 0; i < columns.length; i++) {
          assertThat(columns[i]).isCloseTo((float) (z[i % 16] * table[i]), within(1e-6f));
        }
        assertThat(after.floats("model.layers.0.input_layernorm.weight")).isEqualTo(norm);
        assertThat(after.floats("model.layers.0.self_attn.q_proj.weight")).isEqualTo(query);
      }
    }
  }

  /** What an expert adds grows with its factor, whatever its own activation does. */
  @Test
  @Tag("reference")
  void aFactorOnAWholeExpertIsAFactorOnWhatItAdds() {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/mixtral"));
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu());
        var scope = model.manager().newSubManager()) {
      var axes =
          axes(checkpoint.graph(), model, true).stream()
              .filter(axis -> axis.name().equals("layers.0.experts"))
              .toList();
      var added =
          checkpoint.graph().nodes().stream()
              .filter(node -> node.block().equals("layers.0"))
              .filter(node -> Sought.COLLECT.isAt(node))
              .map(Node::output)
              .toList();
      var ids = model.ids(scope, new int[][] {new Random(3).ints(48, 0, 320).toArray()});
      var dense = model.taps(scope, ids, added);
      var factors = new double[] {0.5, 2, 0, 1};
      try (var gates = new Gates(model, axes)) {
        gates.apply(List.of(factors));
        var gated = model.taps(scope, ids, added);
        for (int e = 0; e < factors.length; e++) {
          var expected = dense.get(e).mul(factors[e]).toFloatArray();
          assertThat(gated.get(e).toFloatArray()).containsExactly(expected, withPrecision(1e-5f));
          assertThat(dense.get(e).abs().max().getFloat()).isGreaterThan(1e-3f);
        }
      }
    }
  }

  private static double[] ones(int size) {
    var ones = new double[size];
    Arrays.fill(ones, 1);
    return ones;
  }

  @Test
  void twoAxesThatOneMatrixReadsAreRefused() {
    var graph = TinyModel.graph();
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var axis = axes(graph, model, false).get(0);
      assertThatThrownBy(() -> new Gates(model, List.of(axis, axis)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "model.layers.0.self_attn.o_proj.weight reads layers.0.attention.kvHeads and another"
                  + " axis that is gated too");
    }
  }
}
