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
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.ReferenceForward;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Families that no reference folder has, with the weights of {@link FormulaModel}. What is expected
 * are the first logits after the last token, the loss of 24 tokens and norms of its gradients, of
 * transformers 5.24.0 in float64.
 */
class NewerFamiliesTest {
  private static final int LENGTH = 24;

  @TempDir Path folder;

  private enum Model {
    GEMMA3(
        """
        "model_type": "gemma3_text", "num_hidden_layers": 3, "head_dim": 8, "sliding_window": 5,
        "sliding_window_pattern": 2, "query_pre_attn_scalar": 12, "rope_theta": 500.0,
        "rope_local_base_freq": 50.0, "rope_scaling": {"rope_type": "linear", "factor": 4.0}
        """,
        "0.014587 3.092619 -0.855762 -0.671037",
        "-2.710541 -1.722285 1.773881 0.087638",
        6.351500,
        Map.of(
            "model.embed_tokens.weight", 9.885399,
            "model.layers.0.self_attn.q_norm.weight", 0.3430197,
            "model.layers.1.self_attn.k_proj.weight", 1.653662)),
    GEMMA3_AS_WRITTEN_TODAY(
        """
        "model_type": "gemma3_text", "num_hidden_layers": 3, "head_dim": 8, "sliding_window": 5,
        "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
        "_sliding_window_pattern": 6, "query_pre_attn_scalar": 12, "final_logit_softcapping": null,
        "rope_parameters": {
          "full_attention": {"rope_type": "linear", "factor": 4.0, "rope_theta": 500.0},
          "sliding_attention": {"rope_type": "default", "rope_theta": 50.0}}
        """,
        "0.014587 3.092619 -0.855762 -0.671037",
        "-2.710541 -1.722285 1.773881 0.087638",
        6.351500,
        Map.of("model.embed_tokens.weight", 9.885399)),
    SMOLLM3(
        """
        "model_type": "smollm3", "num_hidden_layers": 3, "no_rope_layers": [1, 0, 1],
        "rope_theta": 100.0, "use_sliding_window": true, "sliding_window": 6
        """,
        "-0.483707 -1.595443 -2.179742 0.076020",
        "-0.633655 -1.274296 -2.015916 -0.074713",
        4.545625,
        Map.of(
            "model.embed_tokens.weight", 2.809043,
            "model.layers.1.self_attn.q_proj.weight", 0.4352769,
            "model.layers.2.mlp.up_proj.weight", 0.4454309)),
    SMOLLM3_SILENT(
        """
        "model_type": "smollm3", "num_hidden_layers": 4, "rope_theta": 100.0
        """,
        "",
        "-0.950824 -1.509499 -2.676031 0.384751",
        4.417490,
        Map.of("model.layers.3.self_attn.q_proj.weight", 0.1036016)),
    QWEN3_MOE(
        """
        "model_type": "qwen3_moe", "num_hidden_layers": 2, "head_dim": 8, "rope_theta": 100.0,
        "moe_intermediate_size": 12, "num_experts": 4, "num_experts_per_tok": 2,
        "norm_topk_prob": true, "decoder_sparse_step": 1, "mlp_only_layers": []
        """,
        "-0.380891 -0.351210 -0.390971 0.298798",
        "-0.194925 -0.808588 -0.027920 1.527046",
        4.068352,
        Map.of(
            "model.layers.0.mlp.gate.weight", 0.08138993,
            "model.layers.0.self_attn.q_norm.weight", 0.1167802,
            "model.layers.1.mlp.experts.2.up_proj.weight", 0.07691893)),
    QWEN3_MOE_NOT_NORMED(
        """
        "model_type": "qwen3_moe", "num_hidden_layers": 2, "head_dim": 8, "rope_theta": 100.0,
        "moe_intermediate_size": 12, "num_experts": 4, "num_experts_per_tok": 2
        """,
        "-0.362913 -0.203643 -0.415186 0.271288",
        "-0.077623 -0.620595 -0.358927 1.072304",
        4.058171,
        Map.of(
            "model.layers.0.mlp.gate.weight", 0.1018973,
            "model.layers.0.self_attn.q_norm.weight", 0.09015392,
            "model.layers.1.mlp.experts.2.up_proj.weight", 0.05812587)),
    QWEN3_MOE_WITH_PLAIN_LAYERS(
        """
        "model_type": "qwen3_moe", "num_hidden_layers": 4, "head_dim": 8, "rope_theta": 100.0,
        "moe_intermediate_size": 12, "num_experts": 4, "num_experts_per_tok": 2,
        "norm_topk_prob": true, "decoder_sparse_step": 2, "mlp_only_layers": [3]
        """,
        "-0.174769 0.284498 -1.444701 -1.160636",
        "-0.192371 -0.714543 -1.392673 -1.417431",
        4.305523,
        Map.of(
            "model.layers.1.mlp.gate.weight", 0.3010898,
            "model.layers.1.mlp.experts.2.up_proj.weight", 0.02255860,
            "model.layers.3.mlp.down_proj.weight", 0.3574718)),
    MINISTRAL(
        """
        "model_type": "ministral", "num_hidden_layers": 3, "head_dim": 8, "rope_theta": 100.0,
        "sliding_window": 5,
        "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]
        """,
        "1.434376 -2.074221 -1.540591 -0.692248",
        "-1.241979 -0.623138 -2.162700 0.871545",
        3.639024,
        Map.of("model.layers.1.self_attn.q_proj.weight", 0.4427935)),
    MINISTRAL3(
        """
        "model_type": "ministral3", "num_hidden_layers": 2, "head_dim": 8,
        "rope_parameters": {"type": "yarn", "rope_type": "yarn", "rope_theta": 100.0,
          "factor": 8.0, "original_max_position_embeddings": 8, "max_position_embeddings": 64,
          "beta_fast": 32.0, "beta_slow": 1.0, "mscale_all_dim": 1.0, "mscale": 1.0,
          "llama_4_scaling_beta": 0.5}
        """,
        "1.342327 -2.803750 -0.226930 -0.047010",
        "-0.751762 -1.118390 -1.653406 1.070423",
        4.075463,
        Map.of(
            "model.layers.0.self_attn.q_proj.weight", 2.381540,
            "model.layers.1.self_attn.k_proj.weight", 0.4355555));

    private final String fields;
    private final Map<Integer, String> logits;
    private final double loss;
    private final Map<String, Double> norms;

    Model(String fields, String early, String late, double loss, Map<String, Double> norms) {
      this.fields =
          """
          {"vocab_size": 32, "hidden_size": 32, "intermediate_size": %d, "num_attention_heads": 4,
           "num_key_value_heads": 2, "max_position_embeddings": 64, %s}
          """
              .formatted(fields.contains("mlp_only") ? 20 : 24, fields);
      this.logits = early.isEmpty() ? Map.of(LENGTH, late) : Map.of(4, early, LENGTH, late);
      this.loss = loss;
      this.norms = norms;
    }

    ModelConfig config() {
      try {
        return ModelConfig.parse(new ObjectMapper().readValue(fields, ObjectNode.class), "a test");
      } catch (JsonProcessingException e) {
        throw new AssertionError(e);
      }
    }

    ModelGraph graph() {
      return Family.of(config()).trace(config());
    }

    float[] expected(int length) {
      var numbers = logits.getOrDefault(length, "").split(" ");
      return floats(Arrays.stream(numbers).mapToDouble(Double::parseDouble).toArray());
    }
  }

  private static void expect(float[] expected, float[] found) {
    assertThat(Arrays.copyOf(found, expected.length))
        .containsExactly(expected, withPrecision(1e-4f));
  }

  @ParameterizedTest
  @EnumSource
  void logitsAndGradientsAreThoseOfTransformers(Model family) {
    var graph = family.graph();
    var weights = FormulaModel.weights(graph);
    try (var model = TorchModel.load(graph, weights, Device.cpu());
        var scope = model.manager().newSubManager()) {
      for (int length : family.logits.keySet()) {
        var last = scope.create(new long[] {length - 1});
        expect(
            family.expected(length),
            model.logits(scope, model.ids(scope, ids(length)), last).toFloatArray());
        expect(
            family.expected(length),
            floats(ReferenceForward.logits(graph, weights, ids(length))[length - 1]));
      }
      model.trainable(family.norms.keySet());
      var tokens = model.ids(scope, ids(LENGTH));
      assertThat(model.lossAndBackward(tokens, scope.ones(tokens.getShape()), 1))
          .isCloseTo(family.loss, within(1e-4));
      family.norms.forEach(
          (name, norm) ->
              assertThat((double) model.gradient(scope, name).norm().getFloat())
                  .as(name)
                  .isCloseTo(norm, within(1e-3 * norm)));
    }
  }

  /** Token by token with kept keys, and behind another document in one row. */
  @ParameterizedTest
  @EnumSource
  void otherWaysToStandGiveTheSameLogits(Model family) {
    var graph = family.graph();
    var row = Arrays.copyOf(ids(7), 7 + LENGTH);
    System.arraycopy(ids(LENGTH), 0, row, 7, LENGTH);
    var starts = new int[row.length];
    Arrays.fill(starts, 7, row.length, 7);
    try (var model = TorchModel.load(graph, FormulaModel.weights(graph), Device.cpu());
        var text = model.continuation();
        var scope = model.manager().newSubManager()) {
      var grown = new float[0];
      for (int id : ids(LENGTH)) {
        grown = text.logits(id);
      }
      expect(family.expected(LENGTH), grown);
      var packed = model.packedLogits(scope, model.ids(scope, row), model.ids(scope, starts));
      expect(family.expected(LENGTH), packed.get(0).get(row.length - 1).toFloatArray());
    }
  }

  /** What is written is read back: the smaller model, and what the dense one's widths were. */
  @ParameterizedTest
  @EnumSource
  void groupsGoExactlyAndTheSmallerModelIsReadBack(Model family) {
    var config = family.config();
    var graph = family.graph();
    var weights = FormulaModel.weights(graph);
    var space = PruningSpace.of(graph);
    var roles = EnumSet.of(AxisRole.CHANNELS, AxisRole.KEY_VALUE_HEADS, AxisRole.EXPERTS);
    var plan = WidthPlan.everything();
    for (var axis : space.prunable(roles)) {
      boolean more = axis.name().contains(".1.") && axis.role() == AxisRole.CHANNELS;
      plan = more ? plan.without(axis.name(), 5, 6, 7) : plan.without(axis.name(), 1);
    }
    var smaller = Compressor.compress(graph, weights, plan);
    var resized = Family.of(config).resized(config, smaller.graph());
    CheckpointWriter.write(folder.resolve("small"), resized, smaller.tensors(), List.of());

    var masked = ReferenceForward.logits(graph, Compressor.mask(space, weights, plan), ids(LENGTH));
    try (var read = Checkpoint.open(folder.resolve("small"))) {
      assertThat(read.graph().nodes()).isEqualTo(smaller.graph().nodes());
      var small = ReferenceForward.logits(read.graph(), read.tensors(), ids(LENGTH));
      expect(floats(masked[LENGTH - 1]), floats(small[LENGTH - 1]));
    }
    assertThat(smaller.graph().parameterCount()).isLessThan(graph.parameterCount());
  }
}
