package io.lorashear.saliency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.index.NDIndex;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.AxisRole;
import io.lorashear.lora.LoraSettings;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batch;
import io.lorashear.train.TinyModel;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SaliencyTest {
  private static final int RANK = 3;

  @Test
  void sumsAreThoseOfPlainLoops() {
    var graph = TinyModel.graph();
    var lora = new LoraSettings(RANK, 2 * RANK, List.of());
    try (var model = AdaptedModel.load(graph, TinyModel.weights(graph, 1), lora, 7, Device.cpu())) {
      fillPairs(model);
      var space = PruningSpace.of(model.model().graph());
      var prunable = space.prunable(PruningSpace.STRUCTURES);
      for (var axis : AxisWeights.of(space, prunable, model.bindings(), model.model()::parameter)) {
        assertSums(model, axis);
      }
    }
  }

  private static void fillPairs(AdaptedModel model) {
    var random = new Random(4);
    for (var pair : model.bindings()) {
      var b = model.model().parameter(pair.b());
      var values = new float[(int) b.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (0.1 * random.nextGaussian());
      }
      b.set(values);
    }
  }

  /** What a model computes is the same before and after its pairs are folded into it. */
  @Test
  void measuredScoresAreThoseOfTheFoldedModelAndLeaveThePairsTheirGradients() {
    var graph = TinyModel.graph();
    var lora = new LoraSettings(RANK, 2 * RANK, List.of());
    try (var model = AdaptedModel.load(graph, TinyModel.weights(graph, 1), lora, 7, Device.cpu())) {
      fillPairs(model);
      var running = model.model();
      var space = PruningSpace.of(running.graph());
      var prunable = space.prunable(PruningSpace.STRUCTURES);
      var axes = AxisWeights.of(space, prunable, model.bindings(), running::parameter);
      var rows = TinyModel.sequences(3, 16, 3).stream().map(r -> Batch.of(List.of(r))).toList();
      rows.get(0).backward(running, 1);
      var gradients = gradients(running);
      var before = measured(running, axes, rows);
      assertThat(gradients(running)).isEqualTo(gradients).anyMatch(g -> g != 0);
      model.fold().fold();
      var after = measured(running, axes, rows);
      for (int i = 0; i < after.size(); i++) {
        for (int g = 0; g < after.get(i).length; g++) {
          double expected = after.get(i)[g];
          assertThat(before.get(i)[g]).isCloseTo(expected, within(1e-3 * Math.abs(expected)));
        }
      }
    }
  }

  private static List<Float> gradients(TorchModel model) {
    var all = new ArrayList<Float>();
    try (var scope = model.manager().newSubManager()) {
      for (var name : model.trainable().keySet()) {
        for (float g : model.gradient(scope, name).toFloatArray()) {
          all.add(g);
        }
      }
    }
    return all;
  }

  private static List<double[]> measured(
      TorchModel model, List<AxisWeights> axes, List<Batch> rows) {
    var all = new ArrayList<double[]>();
    all.addAll(FisherScore.of(model, axes, rows.size(), row -> rows.get(row).backward(model, 1)));
    var positions = new PositionFisher(model, axes, 16, new Random(1));
    all.addAll(positions.of(rows.size(), false, (m, row) -> rows.get(row).backward(m, 1)).each());
    all.addAll(GradientTaylor.of(model, axes, () -> rows.forEach(row -> row.backward(model, 1))));
    for (var score : ElementScore.values()) {
      all.addAll(score.of(model, axes, rows.size(), row -> rows.get(row).backward(model, 1)));
    }
    return all;
  }

  private static void assertSums(AdaptedModel model, AxisWeights axis) {
    var expected = new double[4][axis.size()];
    for (var slice : axis.slices()) {
      var x = model.model().tensors().floats(slice.name());
      var a = model.model().tensors().floats(slice.pair().aName());
      var b = model.model().tensors().floats(slice.pair().bName());
      int in = (int) slice.weight().getShape().get(1);
      for (int i = 0; i < x.length; i++) {
        double u = 0;
        for (int r = 0; r < RANK; r++) {
          u += 2 * b[i / in * RANK + r] * a[r * in + i % in];
        }
        int group = slice.groupOf()[slice.dimension() == 0 ? i / in : i % in];
        double w = x[i] + u;
        expected[0][group] += w * w;
        expected[1][group] += w * u;
        expected[2][group] += u * u;
        expected[3][group]++;
      }
    }
    var sums = GroupSums.of(axis, slice -> true);
    for (int g = 0; g < axis.size(); g++) {
      assertThat(sums.squared()[g]).isCloseTo(expected[0][g], within(1e-3));
      assertThat(sums.along()[g]).isCloseTo(expected[1][g], within(1e-4));
      assertThat(sums.update()[g]).isCloseTo(expected[2][g], within(1e-4));
      assertThat(sums.elements()[g]).isEqualTo(expected[3][g]);
    }
    assertThat(axis.cost()).isEqualTo((long) expected[3][0]);
  }

  @Test
  void scoresFollowTheirFormulas() {
    var sums =
        new GroupSums(
            new double[] {4, 0}, new double[] {-2, 0}, new double[] {1, 0}, new double[] {8, 8});
    assertThat(Score.MAGNITUDE.of(sums)).containsExactly(2, 0);
    assertThat(Score.AVERAGE_MAGNITUDE.of(sums)).containsExactly(0.25, 0);
    assertThat(Score.COSINE.of(sums)).containsExactly(0, 1); // no update: neither way
    assertThat(Score.TAYLOR_1.of(sums)).containsExactly(2, 0);
    assertThat(Score.TAYLOR_2.of(sums)).containsExactly(2, 0);
  }

  @Test
  void kindsOfAxesAreComparedPerParameter() {
    var both = BitSet.valueOf(new long[] {0b11});
    var heads =
        new Saliency.AxisScores(AxisRole.KEY_VALUE_HEADS, 100, new double[] {300, 400}, both);
    var channels = new Saliency.AxisScores(AxisRole.CHANNELS, 1, new double[] {3, 4, 99}, both);
    var scaled = Saliency.normalised(List.of(heads, channels));
    double root = Math.sqrt((9 + 16) / 2.0);
    assertThat(scaled.get(0)).containsExactly(new double[] {3 / root, 4 / root}, within(1e-12));
    assertThat(scaled.get(1)[0]).isCloseTo(3 / root, within(1e-12)); // without the removed one
  }

  @Test
  void taylorBoundsWhatTheLossDoes() {
    var graph = TinyModel.graph();
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var space = PruningSpace.of(graph);
      var axes =
          AxisWeights.of(
              space, space.prunable(PruningSpace.STRUCTURES), List.of(), model::parameter);
      int last = axes.size() - 1;
      var batch = Batch.of(TinyModel.sequences(4, 16, 3));
      var scores = GradientTaylor.of(model, axes, () -> batch.backward(model, 1));
      // Growing the rows of one group by a share of themselves moves the loss by ⟨w, ∇⟩ times it.
      var weight = axes.get(last).zeroed().get(0).weight();
      double before = loss(model, batch);
      var row = weight.get(0).duplicate();
      double share = 1e-2;
      weight.set(new NDIndex("0"), row.mul(1 + share));
      double slope = Math.abs(loss(model, batch) - before) / share;
      assertThat(slope).isPositive();
      assertThat(scores.get(last)[0]).isGreaterThan(0.9 * slope);
      assertThat(model.trainable()).isEmpty();
    }
  }

  @Test
  void fisherIsTheSquareOfWhatAFactorOnTheGroupDoes() {
    var graph = TinyModel.graph();
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var space = PruningSpace.of(graph);
      var axes =
          AxisWeights.of(
              space, space.prunable(PruningSpace.STRUCTURES), List.of(), model::parameter);
      var rows = TinyModel.sequences(3, 16, 3).stream().map(r -> Batch.of(List.of(r))).toList();
      var scores =
          FisherScore.of(model, axes, rows.size(), row -> rows.get(row).backward(model, 1));
      var channels = axes.stream().filter(axis -> axis.name().contains("channels")).toList();
      var axis = channels.get(channels.size() - 1);
      var reading = axis.slices().stream().filter(slice -> slice.dimension() == 1).toList().get(0);
      double expected = 0;
      for (var row : rows) {
        double slope = (scaled(model, row, reading, 1.01) - scaled(model, row, reading, 0.99));
        expected += Math.pow(slope / 0.02, 2);
      }
      double score = scores.get(axes.indexOf(axis))[4];
      assertThat(score).isPositive().isCloseTo(expected, within(0.05 * expected));
      assertThat(model.trainable()).isEmpty();
    }
  }

  /** The loss of a row when what reads channel 4 is multiplied. */
  private static double scaled(TorchModel model, Batch row, SliceWeights reading, double factor) {
    var column = new NDIndex(":, 4");
    var before = reading.weight().get(column).duplicate();
    reading.weight().set(column, before.mul(factor));
    double loss = loss(model, row);
    reading.weight().set(column, before);
    return loss;
  }

  private static double loss(TorchModel model, Batch batch) {
    try (var scope = model.manager().newSubManager()) {
      return model.tokenLosses(scope, model.ids(scope, batch.ids())).mean().getFloat();
    }
  }
}
