package io.lorashear.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.InputException;
import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.graph.Activation;
import io.lorashear.graph.GraphBuilder;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.RandomGraphs;
import io.lorashear.graph.ReferenceForward;
import io.lorashear.graph.Value;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import io.lorashear.torch.compile.Arrangement;
import io.lorashear.torch.compile.ModelText;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.AxisKernels;
import io.lorashear.torch.kernel.Kernels;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What TorchScript computes against plain loops, and the bookkeeping around it. */
class TorchModelTest {
  private final Random random = new Random(5);
  private final ModelGraph graph = layers(null, null, Activation.SILU);
  private final InMemoryTensors weights = RandomGraphs.weights(graph, random);

  @Property(tries = 40)
  void logitsAreThoseOfPlainLoops(@ForAll long seed) {
    var any = new Random(seed);
    var graph = RandomGraphs.graph(any);
    if (any.nextBoolean()) {
      graph = LoraRewrite.apply(graph, new LoraSettings(3, 6, List.of())).graph();
    }
    expectPlainLoops(graph, RandomGraphs.weights(graph, any), any);
  }

  @ParameterizedTest
  @CsvSource({"3,", ",0.7", "3,0.7", ","})
  void windowsAndSoftCapsAreThoseOfPlainLoops(Integer window, Double softCap) {
    for (var function : EnumSet.complementOf(EnumSet.of(Activation.GELU))) { // no erf in loops
      var graph = layers(window, softCap, function);
      expectPlainLoops(graph, RandomGraphs.weights(graph, random), random);
    }
  }

  private static void expectPlainLoops(ModelGraph graph, InMemoryTensors weights, Random random) {
    var ids = random.ints(7, 0, RandomGraphs.VOCABULARY).toArray();
    var other = random.ints(7, 0, RandomGraphs.VOCABULARY).toArray();
    var expected = ReferenceForward.logits(graph, weights, ids);
    try (var model = TorchModel.load(graph, weights, Device.cpu());
        var scope = model.manager().newSubManager()) {
      var logits = model.logits(scope, model.ids(scope, other, ids)).get(1); // (T, vocabulary)
      for (int t = 0; t < ids.length; t++) {
        for (int v = 0; v < expected[t].length; v++) {
          double scale = Math.max(1, Math.abs(expected[t][v]));
          assertThat((double) logits.getFloat(t, v))
              .isCloseTo(expected[t][v], within(1e-4 * scale));
        }
      }
    }
  }

  /** Two layers of grouped attention with rotary positions and a gated MLP, and a tied head. */
  private static ModelGraph layers(Integer window, Double softCap, Activation function) {
    var g = new GraphBuilder();
    var x = g.embedding(g.tokens(), "embedding", RandomGraphs.VOCABULARY, 8);
    for (int layer = 0; layer < 2; layer++) {
      var before = x;
      var name = "layers." + layer;
      x =
          g.block(
              name, () -> layer(g, before, name, new Attention(0.5, window, softCap), function));
    }
    x = g.layerNorm(x, "norm", "norm.bias", 1e-5);
    return g.build(g.linear(x, "embedding", RandomGraphs.VOCABULARY));
  }

  private static Value layer(
      GraphBuilder g, Value x, String name, Attention attention, Activation function) {
    var n = g.rmsNorm(x, name + ".norm", 1e-6);
    var frequencies = List.of(1.0);
    var q = g.rotary(g.splitHeads(g.linear(n, name + ".q", 16), 4), frequencies);
    var k = g.rotary(g.splitHeads(g.linear(n, name + ".k", 8), 4), frequencies);
    var v = g.splitHeads(g.linear(n, name + ".v", 8), 4);
    var h = g.add(x, g.linear(g.mergeHeads(g.attention(q, k, v, attention)), name + ".o", 8));
    var gate = g.activate(g.linear(h, name + ".gate", name + ".gate.bias", 12), function);
    return g.add(h, g.linear(g.multiply(gate, g.linear(h, name + ".up", 12)), name + ".down", 8));
  }

  @Test
  void layersThatComputeAlikeShareOneMethod() {
    assertThat(ModelText.of(graph, Arrangement.ROWS, Precision.FLOAT32).split("def part_", -1))
        .hasSize(1 + 3);
  }

  @Test
  void lossesAreLogSoftmaxOfLogits() {
    try (var model = TorchModel.load(graph, weights, Device.cpu());
        var scope = model.manager().newSubManager()) {
      var ids = ids(model, scope);
      var scores = model.tokenScores(scope, ids);
      var losses = model.tokenLosses(scope, ids); // (2, 5)
      var expected = model.logits(scope, ids).logSoftmax(-1); // (2, 6, vocabulary)
      for (int b = 0; b < 2; b++) {
        for (int t = 0; t < 5; t++) {
          int target = (int) ids.getLong(b, t + 1);
          var row = expected.get(b).get(t);
          assertThat(losses.getFloat(b, t)).isCloseTo(-row.getFloat(target), within(1e-5f));
          assertThat(scores.get(1).getBoolean(b, t)).isEqualTo(row.argMax().getLong() == target);
        }
      }
      assertThat(scores.get(0)).isEqualTo(losses);
      var at = model.logits(scope, ids, scope.create(new long[] {2, 4})).logSoftmax(-1);
      assertThat(at.get(0).toFloatArray())
          .containsExactly(expected.get(0).get(2).toFloatArray(), within(1e-5f));
      assertThat(at.get(1).toFloatArray())
          .containsExactly(expected.get(1).get(4).toFloatArray(), within(1e-5f));
    }
  }

  @ParameterizedTest
  @CsvSource({"3,", ",0.7", ","})
  void aContinuedTextHasTheLogitsOfTheWhole(Integer window, Double softCap) {
    var graph = layers(window, softCap, Activation.SILU);
    int v = RandomGraphs.VOCABULARY;
    var ids = random.ints(80, 0, v).toArray(); // more than there is room for at first
    try (var model = TorchModel.load(graph, RandomGraphs.weights(graph, random), Device.cpu());
        var text = model.continuation();
        var scope = model.manager().newSubManager()) {
      var whole = model.logits(scope, model.ids(scope, ids)).get(0).toFloatArray(); // (T, v)
      text.logits(ids[0]);
      int models = model.manager().getManagedArrays().size();
      var ends = IntStream.concat(IntStream.of(1, 4, 5, 7), IntStream.rangeClosed(9, 80)).toArray();
      for (int i = 1, start = 1; i < ends.length; start = ends[i++]) {
        assertThat(text.logits(Arrays.copyOfRange(ids, start, ends[i])))
            .containsExactly(
                Arrays.copyOfRange(whole, (ends[i] - 1) * v, ends[i] * v), within(1e-5f));
        assertThat(text.length()).isEqualTo(ends[i]);
      }
      assertThat(model.manager().getManagedArrays()).hasSize(models);
    }
  }

  @Test
  void theLossIsTheMeanOverMaskedTargetsAndItsGradientIsTheSlope() {
    try (var model = TorchModel.load(graph, weights, Device.cpu());
        var scope = model.manager().newSubManager()) {
      var ids = ids(model, scope);
      var mask = scope.create(new float[] {1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0}, new Shape(2, 6));
      var losses = model.tokenLosses(scope, ids);
      double expected = (losses.getFloat(0, 1) + losses.getFloat(0, 4) + losses.getFloat(1, 3)) / 3;
      var name = "layers.0.up";
      model.trainable(List.of(name, "embedding"));
      assertThat(model.lossAndBackward(ids, mask, 1)).isCloseTo(expected, within(1e-5));

      double gradient = model.gradient(scope, name).getFloat(3, 2);
      double step = 1e-2;
      double above = lossWith(model, ids, mask, name, step);
      double below = lossWith(model, ids, mask, name, -2 * step);
      assertThat(gradient)
          .isCloseTo((above - below) / (2 * step), within(2e-3 + 0.02 * Math.abs(gradient)));
    }
  }

  private static double lossWith(
      TorchModel model, NDArray ids, NDArray mask, String name, double change) {
    var x = model.parameter(name);
    try (var scope = model.manager().newSubManager()) {
      var move = new float[(int) x.size()];
      move[3 * 8 + 2] = (float) change;
      AxisKernels.fold(
          List.of(x),
          List.of(scope.eye(8)),
          List.of(scope.create(move, x.getShape())),
          List.of(scope.ones(new Shape(12))),
          1);
      return model.lossAndBackward(ids, mask, 0);
    }
  }

  @Test
  void gradientsOfPartsAddUp() {
    try (var model = TorchModel.load(graph, weights, Device.cpu());
        var scope = model.manager().newSubManager()) {
      var ids = ids(model, scope);
      var mask = scope.ones(ids.getShape());
      model.trainable(graph.parameters().keySet());
      model.lossAndBackward(ids, mask, 0.25);
      model.lossAndBackward(ids, mask, 0.75);
      var twice = model.gradient(scope, "layers.1.down").toFloatArray();
      model.trainable(List.of("layers.1.down"));
      model.lossAndBackward(ids, mask, 1);
      assertThat(model.gradient(scope, "layers.1.down").toFloatArray())
          .containsExactly(twice, within(1e-6f));
      assertThat(model.parameter("layers.1.up").hasGradient()).isFalse();
    }
  }

  @Test
  void anEmptyMaskHasNoLossAndNoGradient() {
    try (var model = TorchModel.load(graph, weights, Device.cpu());
        var scope = model.manager().newSubManager()) {
      model.trainable(List.of("layers.1.down"));
      var ids = ids(model, scope);
      assertThat(model.lossAndBackward(ids, scope.zeros(ids.getShape()), 1)).isZero();
      assertThat(
              HostArrays.number(
                  Kernels.gradientNorm(scope, List.copyOf(model.trainable().values()))))
          .isZero();
    }
  }

  @Test
  void callsLeaveNoArrayBehind() {
    try (var model = TorchModel.load(graph, weights, Device.cpu());
        var scope = model.manager().newSubManager()) {
      model.trainable(List.of("layers.1.down"));
      var ids = ids(model, scope);
      var mask = scope.ones(ids.getShape());
      int mine = scope.getManagedArrays().size();
      int models = model.manager().getManagedArrays().size();
      for (int i = 0; i < 3; i++) {
        model.lossAndBackward(ids, mask, 1);
        model.tokenLosses(scope, ids).close();
        model.logits(scope, ids).close();
        model.taps(scope, ids, List.of(graph.nodes().get(3).output())).close();
      }
      assertThat(scope.getManagedArrays()).hasSize(mine);
      assertThat(model.manager().getManagedArrays()).hasSize(models);
    }
  }

  @Test
  void weightsGoInAndOutUnchanged() {
    var x = new float[] {1, -2.5f, 3e-5f, 65504, 0.1f, -0.2f};
    var halves = new InMemoryTensors();
    graph
        .parameters()
        .keySet()
        .forEach(name -> halves.put(name, weights.floats(name), graph.parameter(name).shape()));
    for (var type : List.of(DataType.F32, DataType.F16, DataType.BF16)) {
      var shape = graph.parameter("embedding").shape();
      var values = new float[(int) (shape[0] * shape[1])];
      for (int i = 0; i < values.length; i++) {
        values[i] = x[i % x.length] / (1 + i);
      }
      var bytes = ByteBuffer.allocate(values.length * type.bytes());
      type.encode(values, 0, values.length, bytes);
      halves.put(new TensorInfo("embedding", type, shape), bytes.flip());
      try (var model = TorchModel.load(graph, halves, Device.cpu())) {
        assertThat(model.tensors().floats("embedding")).isEqualTo(halves.floats("embedding"));
        var part = ByteBuffer.allocate(6).order(ByteOrder.LITTLE_ENDIAN);
        model.tensors().read("embedding", 10, part);
        var whole = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        model.tensors().read("embedding", 0, whole);
        assertThat(part.array()).isEqualTo(Arrays.copyOfRange(whole.array(), 10, 16));
      }
    }
  }

  @Test
  void weightsOfAnotherModelAreRefused() {
    weights.put("layers.0.up", new float[96], 8, 12);
    assertThatThrownBy(() -> TorchModel.load(graph, weights, Device.cpu()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the tensor layers.0.up has the shape [8, 12], but its config makes it [12, 8]:"
                + " config.json and weights are not of one model");
  }

  private static NDArray ids(TorchModel model, NDManager scope) {
    return model.ids(scope, new int[] {1, 5, 2, 7, 0, 3}, new int[] {4, 4, 9, 12, 6, 1});
  }
}
