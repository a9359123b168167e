package io.lorashear.torch;

import static io.lorashear.torch.FormulaModel.floats;
import static io.lorashear.torch.FormulaModel.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withPrecision;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.ReferenceForward;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A Llama first trained on 16 tokens, with the weights of {@link FormulaModel}, stretched by YaRN
 * and by dynamic scaling. What is expected are the first logits after the last token, of
 * transformers 5.24.0 in float64 (rotary tables in float32).
 */
class ScaledRotaryTest {
  private static final float STEP = 1e-3f; // of central differences

  private enum Scaling {
    YARN(
        64,
        """
        "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16},
        "rope_theta": 100.0
        """),
    YARN_IN_FULL(
        64,
        """
        "rope_parameters": {"rope_type": "yarn", "factor": 4.0, "rope_theta": 100.0,
          "original_max_position_embeddings": 16, "beta_fast": 4.0, "beta_slow": 0.5,
          "mscale": 0.7, "mscale_all_dim": 1.3, "truncate": false}
        """),
    DYNAMIC(
        16,
        """
        "rope_scaling": {"type": "dynamic", "factor": 2.0}, "rope_theta": 100.0
        """);

    private final String fields;

    Scaling(int positions, String rotary) {
      this.fields =
          """
          {"model_type": "llama", "vocab_size": 32, "hidden_size": 32, "intermediate_size": 24,
           "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
           "max_position_embeddings": %d, %s}
          """
              .formatted(positions, rotary);
    }

    ModelGraph graph() {
      try {
        var object = new ObjectMapper().readValue(fields, ObjectNode.class);
        var config = ModelConfig.parse(object, "a test");
        return Family.of(config).trace(config);
      } catch (JsonProcessingException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static void expect(String logits, float[] found) {
    var expected =
        floats(Arrays.stream(logits.split(" ")).mapToDouble(Double::parseDouble).toArray());
    assertThat(Arrays.copyOf(found, expected.length))
        .containsExactly(expected, withPrecision(1e-4f));
  }

  @ParameterizedTest
  @CsvSource({
    "YARN, 8, -1.221539 -2.586463 -0.109514 -2.741319",
    "YARN, 24, -0.529262 -0.998919 -1.688590 1.156193",
    "YARN_IN_FULL, 24, 1.052672 -1.268029 -2.458212 -0.526336",
    "DYNAMIC, 8, -0.646962 -2.048692 -0.435523 -2.012571",
    "DYNAMIC, 16, 1.093373 -1.767366 -0.538694 -3.153359",
    "DYNAMIC, 17, -0.280094 -2.103117 -1.572663 0.449615",
    "DYNAMIC, 24, 0.479271 -0.660211 -1.494168 0.989516"
  })
  void logitsAreThoseOfTransformers(Scaling scaling, int length, String expected) {
    var graph = scaling.graph();
    var weights = FormulaModel.weights(graph);
    try (var model = TorchModel.load(graph, weights, Device.cpu());
        var scope = model.manager().newSubManager()) {
      var last = scope.create(new long[] {length - 1});
      expect(expected, model.logits(scope, model.ids(scope, ids(length)), last).toFloatArray());
    }
    expect(expected, floats(ReferenceForward.logits(graph, weights, ids(length))[length - 1]));
  }

  /** Earlier keys stay as they were turned when the text was that short. */
  @ParameterizedTest
  @CsvSource({
    "YARN, 24, -0.529262 -0.998919 -1.688590 1.156193",
    "DYNAMIC, 16, 1.093373 -1.767366 -0.538694 -3.153359",
    "DYNAMIC, 17, -0.334290 -2.061895 -1.548754 0.400290",
    "DYNAMIC, 24, 0.286837 -0.391153 -1.476622 0.701462"
  })
  void aTextThatGrowsIsReadAsTransformersReadsIt(Scaling scaling, int length, String expected) {
    var graph = scaling.graph();
    try (var model = TorchModel.load(graph, FormulaModel.weights(graph), Device.cpu());
        var text = model.continuation()) {
      var logits = new float[0];
      for (int id : ids(length)) {
        logits = text.logits(id);
      }
      expect(expected, logits);
    }
  }

  /** In one row a document is short and the other long; each is turned as it is alone. */
  @ParameterizedTest
  @EnumSource
  void documentsOfARowAreTurnedByTheirOwnLengths(Scaling scaling) {
    var graph = scaling.graph();
    var weights = FormulaModel.weights(graph);
    var row = Arrays.copyOf(ids(12), 12 + 24);
    System.arraycopy(ids(24), 0, row, 12, 24);
    var starts = new int[row.length];
    Arrays.fill(starts, 12, row.length, 12);
    try (var model = TorchModel.load(graph, weights, Device.cpu());
        var scope = model.manager().newSubManager()) {
      var logits =
          model.packedLogits(scope, model.ids(scope, row), model.ids(scope, starts)).get(0);
      for (int length : List.of(12, 24)) {
        var alone = floats(ReferenceForward.logits(graph, weights, ids(length))[length - 1]);
        int last = length == 12 ? 11 : row.length - 1;
        assertThat(logits.get(last).toFloatArray()).containsExactly(alone, withPrecision(1e-4f));
      }
    }
  }

  /** Beyond the first length, of weights whose rows are turned, against central differences. */
  @ParameterizedTest
  @EnumSource
  void gradientsAreSlopesOfTheLoss(Scaling scaling) {
    var graph = scaling.graph();
    var weights = FormulaModel.weights(graph);
    var names =
        List.of("model.layers.0.self_attn.q_proj.weight", "model.layers.1.self_attn.k_proj.weight");
    try (var model = TorchModel.load(graph, weights, Device.cpu());
        var scope = model.manager().newSubManager()) {
      model.trainable(names);
      var tokens = model.ids(scope, ids(24));
      model.lossAndBackward(tokens, scope.ones(tokens.getShape()), 1);
      for (var name : names) {
        var gradient = model.gradient(scope, name).toFloatArray();
        for (int i : List.of(0, 37, 34 + 4 * 32, 15 * 32 + 9)) {
          assertThat((double) gradient[i]).isCloseTo(slope(graph, weights, name, i), within(2e-5));
        }
      }
    }
  }

  private static double slope(ModelGraph graph, InMemoryTensors weights, String name, int at) {
    var values = weights.floats(name);
    float before = values[at];
    var losses = new double[2];
    for (int side = 0; side < 2; side++) {
      values[at] = before + (side == 0 ? -STEP : STEP);
      weights.put(name, values, weights.tensor(name).shape());
      losses[side] = loss(ReferenceForward.logits(graph, weights, ids(24)), ids(24));
    }
    values[at] = before;
    weights.put(name, values, weights.tensor(name).shape());
    return (losses[1] - losses[0]) / ((double) (before + STEP) - (double) (before - STEP));
  }

  /** Mean negative log-likelihood of all ids but the first, in nats. */
  private static double loss(double[][] logits, int[] ids) {
    double sum = 0;
    for (int t = 1; t < ids.length; t++) {
      var row = logits[t - 1];
      sum += Math.log(Arrays.stream(row).map(Math::exp).sum()) - row[ids[t]];
    }
    return sum / (ids.length - 1);
  }
}
