package io.lorashear.compensate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import io.lorashear.InputException;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compensate.CompensationSettings.Towards;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.WidthPlan;
import io.lorashear.corpus.Sequence;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Value;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.Orientation;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.TinyModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DenseRefitTest {
  private static final Groups GONE =
      Groups.union(
          List.of(
              Groups.of("layers.0.attention.kvHeads", 1),
              Groups.of("layers.0.mlp.channels", 5, 7),
              Groups.of("layers.1.mlp.channels", 0)));

  private final List<int[][]> batches = batches(8);

  private static List<int[][]> batches(int rows) {
    var ids = TinyModel.sequences(rows, 16, 3).stream().map(Sequence::inputIds).toList();
    return List.of(
        ids.subList(0, rows / 2).toArray(int[][]::new),
        ids.subList(rows / 2, rows).toArray(int[][]::new));
  }

  /** Biases everywhere, matrices stored as (in, out), no gate, as many key-value heads as heads. */
  private static ModelConfig gpt2() {
    var fields = JsonFile.object();
    fields.put("model_type", "gpt2").put("n_embd", 16).put("n_layer", 2).put("n_head", 4);
    fields.put("n_inner", 12).put("n_positions", 64).put("vocab_size", TinyModel.VOCABULARY);
    fields.put("activation_function", "gelu_new").put("layer_norm_epsilon", 1e-5);
    return ModelConfig.parse(fields, "a test");
  }

  private static CompensationSettings settings(Towards towards, double damping) {
    return new CompensationSettings(8, damping, towards);
  }

  private static TorchModel load(ModelGraph graph, TensorSource tensors) {
    return TorchModel.load(graph, tensors, Device.cpu());
  }

  private static TorchModel masked(ModelGraph graph, TensorSource tensors, Groups gone) {
    var space = PruningSpace.of(graph);
    return load(graph, Compressor.mask(space, tensors, new WidthPlan(gone)));
  }

  private static long[] kept(ModelGraph graph, TorchModel model, String name, Groups gone) {
    var space = PruningSpace.of(graph);
    var axes =
        AxisWeights.of(space, space.prunable(PruningSpace.STRUCTURES), List.of(), model::parameter);
    for (var axis : axes) {
      for (var slice : axis.slices()) {
        if (slice.name().equals(name) && slice.dimension() == 1) {
          var owners = slice.groupOf();
          return IntStream.range(0, owners.length)
              .filter(j -> !gone.contains(axis.name(), owners[j]))
              .asLongStream()
              .toArray();
        }
      }
    }
    throw new AssertionError(name);
  }

  private static Map<String, float[]> weights(TorchModel model) {
    var weights = new LinkedHashMap<String, float[]>();
    for (var name : model.graph().parameters().keySet()) {
      weights.put(name, model.parameter(name).toFloatArray());
    }
    return weights;
  }

  private float[] logits(TorchModel model) {
    try (var scope = model.manager().newSubManager()) {
      return model.logits(scope, model.ids(scope, batches.get(0))).toFloatArray();
    }
  }

  private RealMatrix taps(TorchModel model, Value value) {
    var rows = new ArrayList<double[]>();
    for (var ids : batches) {
      try (var scope = model.manager().newSubManager()) {
        var x = model.taps(scope, model.ids(scope, ids), List.of(value)).get(0);
        rows.addAll(List.of(rows(x.reshape(-1, x.getShape().get(2)))));
      }
    }
    return new Array2DRowRealMatrix(rows.toArray(double[][]::new));
  }

  private static double[][] rows(NDArray x) {
    int width = (int) x.getShape().get(1);
    var values = x.toFloatArray();
    var rows = new double[values.length / width][width];
    for (int i = 0; i < values.length; i++) {
      rows[i / width][i % width] = values[i];
    }
    return rows;
  }

  /** The kept columns (kept, out), and the bias below them, by QR of the whole problem. */
  private static RealMatrix solved(
      RealMatrix x, RealMatrix target, RealMatrix before, double damping) {
    int n = x.getRowDimension();
    int k = x.getColumnDimension();
    int out = target.getColumnDimension();
    var a = new Array2DRowRealMatrix(n + k, k);
    var b = new Array2DRowRealMatrix(n + k, out);
    a.setSubMatrix(x.getData(), 0, 0);
    b.setSubMatrix(target.getData(), 0, 0);
    for (int j = 0; j < k; j++) {
      double norm = x.getColumnVector(j).getNorm();
      double root = Math.sqrt(damping) * (norm > 0 ? norm : 1);
      a.setEntry(n + j, j, root);
      b.setRowVector(n + j, before.getRowVector(j).mapMultiply(root));
    }
    return new QRDecomposition(a).getSolver().solve(b);
  }

  /**
   * Every matrix is once more the solution of its least squares with what it reads in the model
   * that came out, where the matrices before it are refitted and those after it play no part.
   */
  @ParameterizedTest
  @EnumSource(names = {"DENSE", "STREAM"})
  void everyMatrixSolvesItsLeastSquares(Towards towards) {
    for (var config : List.of(TinyModel.config(), gpt2())) {
      var graph = Family.of(config).trace(config);
      var tensors = TinyModel.weights(graph, 1);
      try (var dense = load(graph, tensors);
          var pruned = masked(graph, tensors, GONE)) {
        var before = new LinkedHashMap<String, RealMatrix>();
        var orientation = new Orientation(graph);
        var names = OutputMatrix.of(graph, OutputMatrix.names(graph));
        names.values().forEach(each -> before.put(each.name(), columns(pruned, orientation, each)));
        var refit = new DenseRefit(dense, pruned, settings(towards, 0.03), text -> {});
        var report = refit.run(name -> kept(graph, pruned, name, GONE), batches);
        assertThat(report).hasSize(4);
        for (var matrix : names.values()) {
          var kept = kept(graph, pruned, matrix.name(), GONE);
          var x = picked(taps(pruned, matrix.input()), kept, matrix.bias() != null);
          var said = x.multiply(picked(before.get(matrix.name()), kept, matrix));
          var target =
              towards == Towards.DENSE
                  ? taps(dense, matrix.said())
                  : taps(dense, matrix.stream())
                      .subtract(taps(pruned, matrix.stream()))
                      .add(taps(pruned, matrix.said()));
          var expected = solved(x, target, picked(before.get(matrix.name()), kept, matrix), 0.03);
          var found = picked(columns(pruned, orientation, matrix), kept, matrix);
          for (int i = 0; i < expected.getRowDimension(); i++) {
            assertThat(found.getRow(i))
                .containsExactly(expected.getRow(i), within(2e-5 * expected.getNorm()));
          }
          var figures = report.stream().filter(r -> r.name().equals(matrix.name())).findFirst();
          double scale = (double) target.getRowDimension() * target.getColumnDimension();
          assertThat(figures.orElseThrow().before())
              .isCloseTo(squares(target.subtract(said)) / scale, within(1e-5));
          assertThat(figures.orElseThrow().after())
              .isCloseTo(squares(target.subtract(x.multiply(found))) / scale, within(1e-5));
        }
      }
    }
  }

  private static double squares(RealMatrix m) {
    return Math.pow(m.getFrobeniusNorm(), 2);
  }

  /** Wᵀ (in, out), with the bias as its last row. */
  private static RealMatrix columns(
      TorchModel model, Orientation orientation, OutputMatrix matrix) {
    var weight = orientation.outIn(matrix.name(), model.parameter(matrix.name()));
    var turned = new Array2DRowRealMatrix(rows(weight.transpose(1, 0)));
    if (matrix.bias() == null) {
      return turned;
    }
    var all = new Array2DRowRealMatrix(turned.getRowDimension() + 1, turned.getColumnDimension());
    all.setSubMatrix(turned.getData(), 0, 0);
    var bias = model.parameter(matrix.bias()).toFloatArray();
    IntStream.range(0, bias.length)
        .forEach(i -> all.setEntry(turned.getRowDimension(), i, bias[i]));
    return all;
  }

  private static RealMatrix picked(RealMatrix weights, long[] kept, OutputMatrix matrix) {
    int in = weights.getRowDimension() - (matrix.bias() == null ? 0 : 1);
    var rows = IntStream.range(0, kept.length).map(j -> (int) kept[j]);
    var all = matrix.bias() == null ? rows : IntStream.concat(rows, IntStream.of(in));
    return weights.getSubMatrix(
        all.toArray(), IntStream.range(0, weights.getColumnDimension()).toArray());
  }

  /** The kept columns of x, and of ones for a bias. */
  private static RealMatrix picked(RealMatrix x, long[] kept, boolean biased) {
    var found = new Array2DRowRealMatrix(x.getRowDimension(), kept.length + (biased ? 1 : 0));
    for (int t = 0; t < x.getRowDimension(); t++) {
      for (int j = 0; j < kept.length; j++) {
        found.setEntry(t, j, x.getEntry(t, (int) kept[j]));
      }
      if (biased) {
        found.setEntry(t, kept.length, 1);
      }
    }
    return found;
  }

  @ParameterizedTest
  @EnumSource(names = {"DENSE", "STREAM"})
  void aModelThatLostNothingStaysToTheBit(Towards towards) {
    var graph = TinyModel.graph();
    var tensors = TinyModel.weights(graph, 1);
    try (var dense = load(graph, tensors);
        var same = load(graph, tensors)) {
      var before = weights(same);
      var report =
          new DenseRefit(dense, same, settings(towards, 0.01), text -> {}).run(Map.of(), batches);
      assertThat(report).hasSize(4).allMatch(each -> each.before() == 0 && each.after() == 0);
      weights(same).forEach((name, values) -> assertThat(values).isEqualTo(before.get(name)));
    }
  }

  /** Channel 5 is a sum of channels 2 and 3 with their gate; head 1 repeats head 0. */
  private static InMemoryTensors redundant(ModelGraph graph) {
    var tensors = TinyModel.weights(graph, 1);
    try (var model = load(graph, tensors)) {
      for (int layer = 0; layer < 2; layer++) {
        var mlp = "model.layers." + layer + ".mlp.";
        var gate = model.parameter(mlp + "gate_proj.weight");
        var up = model.parameter(mlp + "up_proj.weight");
        gate.set(new NDIndex("3"), gate.get(2));
        gate.set(new NDIndex("5"), gate.get(2));
        up.set(new NDIndex("5"), up.get(2).mul(0.7f).add(up.get(3).mul(-1.3f)));
        var attention = "model.layers." + layer + ".self_attn.";
        var q = model.parameter(attention + "q_proj.weight");
        q.set(new NDIndex("8:16"), q.get("0:8"));
        for (var name : List.of("k_proj", "v_proj")) {
          var w = model.parameter(attention + name + ".weight");
          w.set(new NDIndex("4:8"), w.get("0:4"));
        }
      }
      var copy = new InMemoryTensors();
      weights(model)
          .forEach((name, values) -> copy.put(name, values, graph.parameter(name).shape()));
      return copy;
    }
  }

  @Test
  void whatKeptInputsCanSayIsRecovered() {
    var graph = TinyModel.graph();
    var tensors = redundant(graph);
    var gone =
        Groups.union(
            List.of(
                Groups.of("layers.0.mlp.channels", 5),
                Groups.of("layers.0.attention.kvHeads", 1),
                Groups.of("layers.1.mlp.channels", 5)));
    var small = Compressor.compress(graph, tensors, new WidthPlan(gone));
    try (var dense = load(graph, tensors);
        var cut = load(small.graph(), small.tensors());
        var zeroed = masked(graph, tensors, gone)) {
      var expected = logits(dense);
      assertThat(distance(logits(cut), expected)).isGreaterThan(0.05);
      var settings = settings(Towards.DENSE, 1e-9);
      new DenseRefit(dense, cut, settings, text -> {}).run(small.origins(), batches);
      assertThat(distance(logits(cut), expected)).isLessThan(1e-4);
      new DenseRefit(dense, zeroed, settings, text -> {})
          .run(name -> kept(graph, zeroed, name, gone), batches);
      assertThat(distance(logits(zeroed), expected)).isLessThan(1e-4);
    }
  }

  private static double distance(float[] a, float[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> Math.abs(a[i] - b[i])).max().orElse(0);
  }

  @Test
  void aModelWithoutALayerIsComparedByNames() {
    var config = TinyModel.config(TinyModel.VOCABULARY, 3);
    var graph = Family.of(config).trace(config);
    var tensors = TinyModel.weights(graph, 1);
    var space = PruningSpace.of(graph);
    var plan = WidthPlan.everything();
    for (var part : space.sublayers()) {
      if (part.layer().equals("layers.1")) {
        var all = IntStream.range(0, part.axis().size()).toArray();
        plan = plan.without(part.axis().name(), all);
      }
    }
    var small = Compressor.compress(graph, tensors, plan);
    try (var dense = load(graph, tensors);
        var cut = load(small.graph(), small.tensors())) {
      var report =
          new DenseRefit(dense, cut, settings(Towards.STREAM, 0.01), text -> {})
              .run(small.origins(), batches);
      assertThat(report).hasSize(4);
      assertThat(report.subList(0, 2)).allMatch(each -> each.before() == 0);
      assertThat(report.subList(2, 4)).allMatch(each -> each.after() < 0.9 * each.before());
    }
  }

  @Test
  void theSameTwiceIsTheSame() {
    var graph = TinyModel.graph();
    var tensors = TinyModel.weights(graph, 1);
    var results = new ArrayList<Map<String, float[]>>();
    for (int i = 0; i < 2; i++) {
      try (var dense = load(graph, tensors);
          var pruned = masked(graph, tensors, GONE)) {
        new DenseRefit(dense, pruned, settings(Towards.STREAM, 0.01), text -> {})
            .run(name -> kept(graph, pruned, name, GONE), batches);
        results.add(weights(pruned));
      }
    }
    results.get(0).forEach((name, w) -> assertThat(results.get(1).get(name)).isEqualTo(w));
  }

  @Test
  void activationsThatOverflowAreTold() {
    var graph = TinyModel.graph();
    var tensors = TinyModel.weights(graph, 1);
    try (var dense = load(graph, tensors);
        var pruned = masked(graph, tensors, GONE)) {
      pruned.parameter("model.layers.0.mlp.up_proj.weight").set(new NDIndex("3"), Float.NaN);
      var refit = new DenseRefit(dense, pruned, settings(Towards.DENSE, 0.01), text -> {});
      assertThatThrownBy(() -> refit.run(name -> kept(graph, pruned, name, GONE), batches))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "compensation: what model.layers.0.mlp.down_proj.weight reads on the calibration rows"
                  + " has no finite second moments, so the pruned model's activations overflow"
                  + " there: see with generate or verify whether the model is sound, or set"
                  + " compensation.towards to pruned");
    }
  }
}
