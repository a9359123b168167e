package io.lorashear.torch;

import static io.lorashear.torch.FormulaModel.floats;
import static io.lorashear.torch.FormulaModel.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withPrecision;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.ReferenceForward;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A Phi-3 first trained on 16 tokens and made for 64, with the weights of {@link FormulaModel}.
 * What is expected are logits of transformers 4.56.2 in float64 (rotary tables in float32).
 */
class LongRotaryTest {
  private static final int FIRST = 16;

  /** The first logits after the last of so many tokens. */
  private static final Map<Integer, float[]> EXPECTED =
      Map.of(
          FIRST,
          floats(0.353886, 1.177299, 0.246654, -0.648257, 1.38912, -2.464224, 1.130685, 2.436706),
          FIRST + 1,
          floats(-0.773541, -1.111061, -1.720641, 0.491499, -2.071636, -0.274726, 1.17133, -3.0789),
          FIRST + 8,
          floats(
              -0.727479, -0.108757, -1.314681, -0.414413, -1.609788, -0.429683, 2.271719,
              -1.162032));

  private final ModelGraph graph = graph();
  private final InMemoryTensors weights = FormulaModel.weights(graph);
  private TorchModel model;

  @BeforeEach
  void load() {
    model = TorchModel.load(graph, weights, Device.cpu());
  }

  @AfterEach
  void close() {
    model.close();
  }

  private static ModelGraph graph() {
    ObjectNode fields = JsonFile.object();
    fields.put("model_type", "phi3").put("vocab_size", 32).put("hidden_size", 32);
    fields.put("intermediate_size", 24).put("num_hidden_layers", 2);
    fields.put("num_attention_heads", 4).put("num_key_value_heads", 2);
    fields.put("max_position_embeddings", 64).put("original_max_position_embeddings", FIRST);
    fields.put("rope_theta", 100.0).put("partial_rotary_factor", 0.75);
    var scaling = fields.putObject("rope_scaling").put("type", "longrope");
    scaling.putArray("short_factor").add(1.0).add(1.1).add(1.3);
    scaling.putArray("long_factor").add(1.0).add(2.5).add(7.0);
    var config = ModelConfig.parse(fields, "a test");
    return Family.of(config).trace(config);
  }

  private static void expect(int length, float[] logits) {
    var expected = Objects.requireNonNull(EXPECTED.get(length));
    assertThat(Arrays.copyOf(logits, expected.length))
        .containsExactly(expected, withPrecision(1e-4f));
  }

  /** Sixteen tokens are turned by the short factors, one more by the long ones. */
  @ParameterizedTest
  @ValueSource(ints = {FIRST, FIRST + 1, FIRST + 8})
  void logitsAreThoseOfTransformers(int length) {
    try (var scope = model.manager().newSubManager()) {
      var last = scope.create(new long[] {length - 1});
      var logits = model.logits(scope, model.ids(scope, ids(length)), last).toFloatArray();
      expect(length, logits);
    }
    expect(length, floats(ReferenceForward.logits(graph, weights, ids(length))[length - 1]));
  }

  /** The keys that are kept were turned by the short factors: they are made anew. */
  @Test
  void aTextThatGrowsLongIsTurnedAnew() {
    try (var text = model.continuation()) {
      var ids = ids(FIRST + 8);
      for (int t = 0; t < ids.length; t++) {
        var logits = text.logits(ids[t]);
        if (EXPECTED.containsKey(t + 1)) {
          expect(t + 1, logits);
        }
      }
      assertThat(text.length()).isEqualTo(ids.length);
    }
  }

  /** In one row a document is short and the other long; each is turned as it is alone. */
  @Test
  void documentsOfARowAreTurnedByTheirOwnLengths() {
    int length = FIRST + 8;
    var row = Arrays.copyOf(ids(FIRST), FIRST + length);
    System.arraycopy(ids(length), 0, row, FIRST, length);
    var starts = new int[row.length];
    Arrays.fill(starts, FIRST, row.length, FIRST);
    try (var scope = model.manager().newSubManager()) {
      var logits =
          model.packedLogits(scope, model.ids(scope, row), model.ids(scope, starts)).get(0);
      expect(FIRST, logits.get(FIRST - 1).toFloatArray());
      expect(length, logits.get(row.length - 1).toFloatArray());
    }
  }

  /** The longer of two ends of one beginning is what it is alone. */
  @Test
  void aTreeIsTurnedByItsLongestWay() {
    var ids = ids(FIRST + 9);
    int chain = ids.length - 1; // the last is only predicted
    var nodes = Arrays.copyOf(ids, chain + 1);
    nodes[chain] = 7; // goes off after four tokens
    var positions = IntStream.range(0, nodes.length).mapToLong(t -> t == chain ? 4 : t).toArray();
    var ends = IntStream.range(0, nodes.length).mapToLong(t -> t < 4 ? chain + 1 : chain).toArray();
    ends[chain] = ends.length;
    try (var scope = model.manager().newSubManager()) {
      var scores =
          model.treeScores(
              scope,
              model.ids(scope, nodes),
              scope.create(positions),
              scope.create(ends),
              scope.create(new long[] {chain - 1}),
              scope.create(new long[] {0}),
              scope.create(new long[] {ids[chain]}));
      var losses = model.tokenLosses(scope, model.ids(scope, ids)).toFloatArray();
      assertThat(-scores.get(0).toFloatArray()[0])
          .isCloseTo(losses[losses.length - 1], within(1e-4f));
    }
  }
}
