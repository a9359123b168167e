package io.lorashear.saliency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lorashear.InputException;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.GraphReplay;
import io.lorashear.graph.GraphReplay.Factor;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Sought;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.Batch;
import io.lorashear.train.TinyModel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PositionFisherTest {
  private static final int LENGTH = 12;

  private final List<Batch> rows =
      TinyModel.sequences(3, LENGTH, 3).stream().map(row -> Batch.of(List.of(row))).toList();

  private static List<AxisWeights> axes(TorchModel model) {
    var space = PruningSpace.of(model.graph());
    return AxisWeights.of(
        space, space.prunable(PruningSpace.STRUCTURES), List.of(), model::parameter);
  }

  private FisherInformation measured(TorchModel model, List<AxisWeights> axes, Random random) {
    return new PositionFisher(model, axes, LENGTH, random)
        .of(rows.size(), true, (factored, row) -> rows.get(row).backward(factored, 1));
  }

  /** The factor of a group at one position, moved by hand. */
  @Test
  void itIsTheSquareOfWhatAFactorAtOnePositionDoes() {
    var graph = TinyModel.graph();
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var axes = axes(model);
      var each = measured(model, axes, new Random(1)).each();
      for (int i : new int[] {0, 3}) { // heads of the first layer, channels of the second
        var axis = axes.get(i);
        var reading = axis.readers().get(0);
        double expected = squares(model, reading, reading.groupOf().length / axis.size());
        double score = each.get(i)[1];
        assertThat(score).isPositive().isCloseTo(expected, within(0.05 * expected));
      }
      assertThat(model.trainable()).isEmpty();
    }
  }

  /** Squared central differences of the loss by a factor on group 1 of what a matrix reads. */
  private double squares(TorchModel model, SliceWeights reading, int size) {
    var value =
        Sought.LINEAR.in(model.graph()).stream()
            .filter(linear -> linear.operator().weight().equals(reading.name()))
            .findFirst()
            .orElseThrow()
            .node()
            .input();
    var graph = GraphReplay.factored(model.graph(), Map.of(value, new Factor("f", LENGTH)));
    var table = model.manager().ones(new Shape(LENGTH, reading.groupOf().length));
    double squares = 0;
    try (var factored = model.sharing(graph, Map.of("f", table))) {
      for (var row : rows) {
        for (int t = 0; t < LENGTH; t++) {
          var place = new NDIndex(t + ", " + size + ":" + 2 * size);
          table.set(place, 1.02f);
          double more = loss(factored, row);
          table.set(place, 0.98f);
          squares += Math.pow((more - loss(factored, row)) / 0.04, 2);
          table.set(place, 1f);
        }
      }
    }
    return squares;
  }

  private static double loss(TorchModel model, Batch batch) {
    try (var scope = model.manager().newSubManager()) {
      return model.tokenLosses(scope, model.ids(scope, batch.ids())).mean().getFloat();
    }
  }

  /** With the sign 1 everywhere the sums are the slopes of a factor at all positions. */
  @Test
  void theSumOverPositionsIsTheSlopeOfTheWholeRow() {
    var plus =
        new Random() {
          @Override
          public boolean nextBoolean() {
            return true;
          }
        };
    for (var config : List.of(TinyModel.config(), TinyModel.withBiases(), gpt2())) {
      var graph = Family.of(config).trace(config);
      try (var model = TorchModel.load(graph, TinyModel.weights(graph, 2), Device.cpu())) {
        var axes = axes(model);
        var expected =
            FisherScore.of(model, axes, rows.size(), row -> rows.get(row).backward(model, 1));
        assertSquares(measured(model, axes, plus).together(), expected, 2e-3);
      }
    }
  }

  private static void assertSquares(GroupSlopes slopes, List<double[]> expected, double share) {
    var flat = expected.stream().flatMapToDouble(Arrays::stream).toArray();
    for (int g = 0; g < flat.length; g++) {
      double sum = 0;
      for (var row : slopes.rows()) {
        sum += (double) row[g] * row[g];
      }
      assertThat(sum).isCloseTo(flat[g], within(share * flat[g] + 1e-9));
    }
  }

  private static ModelConfig gpt2() {
    var fields = JsonNodeFactory.instance.objectNode();
    fields.put("model_type", "gpt2").put("n_embd", 16).put("n_layer", 2).put("n_head", 4);
    fields.put("vocab_size", TinyModel.VOCABULARY).put("n_positions", 32);
    fields.put("layer_norm_epsilon", 1e-5).put("activation_function", "gelu_new");
    return ModelConfig.parse(fields, "tiny");
  }

  /** Random signs: in the mean their sums have the squares of all positions. */
  @Test
  void theSumsStandForAllPositionsInTheMean() {
    var graph = TinyModel.graph();
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var axes = axes(model);
      int times = 40;
      var fisher =
          new PositionFisher(model, axes, LENGTH, new Random(4))
              .of(times * rows.size(), true, (m, row) -> rows.get(row % 3).backward(m, 1));
      assertThat(fisher.together().rows()).hasSize(4 * times * rows.size());
      double squares = 0;
      for (var row : fisher.together().rows()) {
        for (float slope : row) {
          squares += (double) slope * slope;
        }
      }
      double expected = fisher.each().stream().flatMapToDouble(Arrays::stream).sum();
      assertThat(squares).isCloseTo(expected, within(0.1 * expected));
    }
  }

  @Test
  void expertsAreRefused() {
    var graph = experts();
    assertThatThrownBy(
            () ->
                PositionFisher.require(
                    graph, PruningSpace.of(graph).prunable(PruningSpace.STRUCTURES)))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "saliency.by is position, but the model has experts, which do not see every position:"
                + " set it to row");
  }

  private static ModelGraph experts() {
    var fields = JsonNodeFactory.instance.objectNode();
    fields.put("model_type", "mixtral").put("hidden_size", 16).put("num_hidden_layers", 1);
    fields.put("num_attention_heads", 4).put("num_key_value_heads", 2);
    fields.put("intermediate_size", 12).put("vocab_size", 24).put("hidden_act", "silu");
    fields.put("num_local_experts", 4).put("num_experts_per_tok", 2);
    fields.put("max_position_embeddings", 64).put("rms_norm_eps", 1e-5);
    var config = ModelConfig.parse(fields, "tiny");
    return Family.of(config).trace(config);
  }
}
