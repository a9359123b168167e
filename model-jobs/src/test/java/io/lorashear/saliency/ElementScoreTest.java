package io.lorashear.saliency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.ModelGraph;
import io.lorashear.reference.ReferenceData;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.Batch;
import io.lorashear.train.TinyModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against two-sided differences of the loss, element by element, in plain numbers. */
class ElementScoreTest {
  /** The loss that is meant is so many times the model's: both orders of the mix then count. */
  private static final double FACTOR = 30;

  private static final double STEP = 1e-2;

  @Test
  void allFollowTheirFormulasOnALlama() {
    var graph = TinyModel.graph();
    var ids = TinyModel.sequences(3, 16, 3).stream().map(row -> row.inputIds());
    check(graph, TinyModel.weights(graph, 1), ids.toArray(int[][]::new), 0, 3);
  }

  /** GPT-2 stores its matrices the other way and has biases. */
  @Test
  @Tag("reference")
  void allFollowTheirFormulasWhereMatricesAreStoredTheOtherWay() {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/gpt2"))) {
      var random = new Random(2);
      var tensors = new InMemoryTensors();
      var graph = checkpoint.graph();
      for (var parameter : graph.parameters().values()) {
        var values = checkpoint.tensors().floats(parameter.name());
        tensors.put(parameter.name(), values, parameter.shape());
      }
      check(graph, tensors, new int[][] {random.ints(12, 0, 60).toArray()}, 1);
    }
  }

  private static void check(ModelGraph graph, InMemoryTensors tensors, int[][] ids, int... chosen) {
    try (var model = TorchModel.load(graph, tensors, Device.cpu())) {
      var space = PruningSpace.of(graph);
      var prunable = space.prunable(PruningSpace.STRUCTURES);
      var axes = AxisWeights.of(space, prunable, List.of(), model::parameter);
      var rows = new ArrayList<Batch>();
      for (var row : ids) {
        var mask = new byte[][] {new byte[row.length]};
        Arrays.fill(mask[0], (byte) 1);
        rows.add(new Batch(new int[][] {row}, mask, new int[1][row.length], false));
      }
      var ours = new TreeMap<ElementScore, List<double[]>>();
      for (var score : ElementScore.values()) {
        ours.put(
            score, score.of(model, axes, ids.length, row -> rows.get(row).backward(model, FACTOR)));
        assertThat(model.trainable()).isEmpty();
      }
      for (int i : chosen) {
        var expected = byDifferences(model, graph, axes.get(i), 1, ids);
        for (var score : ElementScore.values()) {
          double value = expected.get(score);
          assertThat(ours.get(score).get(i)[1])
              .as("%s of %s", score, axes.get(i).name())
              .isCloseTo(value, within(0.02 * value));
        }
      }
    }
  }

  /** All five of one group: every element is moved to both sides. */
  private static Map<ElementScore, Double> byDifferences(
      TorchModel model, ModelGraph graph, AxisWeights axis, int group, int[][] ids) {
    var sums = new TreeMap<ElementScore, Double>();
    for (var slice : axis.axis().slices()) {
      var weight = model.parameter(slice.parameter().name());
      var shape = weight.getShape();
      int columns = shape.dimension() == 1 ? 1 : (int) shape.get(1);
      var owners = slice.groupOf();
      var vectors = new TreeMap<Integer, Double>();
      for (int i = 0; i < weight.size(); i++) {
        int position = slice.dimension() == 0 ? i / columns : i % columns;
        if (owners[position] != group) {
          continue;
        }
        double w = weight.toFloatArray()[i];
        var gradients = differences(model, weight, i, ids);
        double g = gradients.stream().mapToDouble(d -> d).average().orElseThrow();
        double h = gradients.stream().mapToDouble(d -> d * d).average().orElseThrow();
        sums.merge(ElementScore.WEIGHT, w * w, Double::sum);
        vectors.merge(position, w * g, Double::sum);
        sums.merge(ElementScore.ELEMENT1, Math.abs(w * g), Double::sum);
        sums.merge(ElementScore.ELEMENT2, w * h * w, Double::sum);
        sums.merge(ElementScore.MIX, Math.abs(w * g - w * h * w / 2), Double::sum);
      }
      vectors.values().forEach(v -> sums.merge(ElementScore.VECTOR, Math.abs(v), Double::sum));
    }
    return sums;
  }

  /** ∂loss/∂w of each row. */
  private static List<Double> differences(
      TorchModel model, NDArray weight, int element, int[][] ids) {
    var values = weight.toFloatArray();
    float before = values[element];
    values[element] = (float) (before + STEP);
    weight.set(values);
    var above = losses(model, ids);
    values[element] = (float) (before - STEP);
    weight.set(values);
    var below = losses(model, ids);
    values[element] = before;
    weight.set(values);
    return IntStream.range(0, ids.length)
        .mapToObj(row -> FACTOR * (above[row] - below[row]) / (2 * STEP))
        .toList();
  }

  private static double[] losses(TorchModel model, int[][] ids) {
    try (var scope = model.manager().newSubManager()) {
      var losses = model.tokenLosses(scope, model.ids(scope, ids)).toFloatArray();
      int length = losses.length / ids.length;
      return IntStream.range(0, ids.length)
          .mapToDouble(
              row ->
                  IntStream.range(row * length, (row + 1) * length)
                      .mapToDouble(t -> losses[t])
                      .average()
                      .orElseThrow())
          .toArray();
    }
  }
}
