package io.lorashear.checkpoint.gguf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import java.util.Random;

/** Models of every family that is written as GGUF, some numbers wide, with random weights. */
final class SmallModels {
  static final String[] FAMILIES = {
    "gemma",
    "gemma2",
    "gemma3_text",
    "gpt2",
    "gpt_neox",
    "llama",
    "ministral",
    "ministral3",
    "mistral",
    "mixtral",
    "olmo2",
    "phi3",
    "qwen2",
    "qwen3",
    "qwen3_moe",
    "smollm3"
  };

  private SmallModels() {}

  /** Three layers of 4 heads of 4 on 2, 12 channels, 24 tokens. */
  static ObjectNode config(String family) {
    var fields = JsonFile.object().put("model_type", family).put("vocab_size", 24);
    if (family.equals("gpt2")) {
      fields.put("n_embd", 16).put("n_head", 4).put("n_layer", 3).put("n_inner", 12);
      return fields.put("n_positions", 64);
    }
    fields.put("hidden_size", 16).put("num_hidden_layers", 3).put("num_attention_heads", 4);
    fields.put("intermediate_size", 12).put("max_position_embeddings", 64);
    if (!family.equals("gpt_neox")) {
      fields.put("num_key_value_heads", 2);
    } else {
      fields.put("rotary_pct", 0.5);
    }
    switch (family) {
      case "gemma", "qwen3" -> fields.put("head_dim", 4);
      case "gemma3_text" ->
          fields
              .put("head_dim", 4)
              .put("query_pre_attn_scalar", 4)
              .put("sliding_window", 8)
              .put("sliding_window_pattern", 2)
              .put("rope_local_base_freq", 100);
      case "ministral3" -> ministral3(fields);
      case "qwen3_moe" ->
          fields
              .put("head_dim", 4)
              .put("moe_intermediate_size", 12)
              .put("num_experts", 3)
              .put("num_experts_per_tok", 2)
              .put("norm_topk_prob", true);
      case "smollm3" -> fields.put("num_hidden_layers", 4);
      case "gemma2" ->
          fields.put("head_dim", 4).put("query_pre_attn_scalar", 4).put("sliding_window", 8);
      case "mistral", "ministral", "phi3" -> fields.putNull("sliding_window");
      case "mixtral" -> fields.put("num_local_experts", 3).put("num_experts_per_tok", 2);
      default -> {}
    }
    return fields;
  }

  private static void ministral3(ObjectNode fields) {
    fields
        .put("head_dim", 4)
        .putObject("rope_scaling")
        .put("rope_type", "yarn")
        .put("factor", 4.0)
        .put("original_max_position_embeddings", 16)
        .put("mscale", 1.0)
        .put("mscale_all_dim", 1.0)
        .put("llama_4_scaling_beta", 0.1);
  }

  static ModelConfig parsed(ObjectNode fields) {
    return ModelConfig.parse(fields, "config.json");
  }

  static ModelGraph graph(ModelConfig config) {
    return Family.of(config).trace(config);
  }

  /** Numbers between −1 and 1 for every parameter. */
  static InMemoryTensors weights(ModelGraph graph, Random random) {
    var tensors = new InMemoryTensors();
    for (var parameter : graph.parameters().values()) {
      var values = new float[(int) parameter.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = 2 * random.nextFloat() - 1;
      }
      tensors.put(parameter.name(), values, parameter.shape());
    }
    return tensors;
  }
}
