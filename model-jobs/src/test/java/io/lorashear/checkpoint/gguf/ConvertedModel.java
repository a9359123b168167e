package io.lorashear.checkpoint.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.safetensors.Safetensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A Hugging Face directory written as GGUF by the rules of llama.cpp's converter, in the direction
 * opposite to the product's.
 */
final class ConvertedModel {
  private static final String COMMON =
      """
      model.embed_tokens token_embd
      model.norm output_norm
      lm_head output
      model.layers.(\\d+).input_layernorm blk.$1.attn_norm
      model.layers.(\\d+).self_attn.([qkv])_proj blk.$1.attn_$2
      model.layers.(\\d+).self_attn.([qk])_norm blk.$1.attn_$2_norm
      model.layers.(\\d+).self_attn.qkv_proj blk.$1.attn_qkv
      model.layers.(\\d+).self_attn.o_proj blk.$1.attn_output
      model.layers.(\\d+).post_attention_layernorm blk.$1.ffn_norm
      model.layers.(\\d+).mlp.gate_up_proj blk.$1.ffn_up
      model.layers.(\\d+).mlp.(gate|up|down)_proj blk.$1.ffn_$2
      model.layers.(\\d+).block_sparse_moe.gate blk.$1.ffn_gate_inp
      """;
  private static final String POST_NORMS =
      """
      model.layers.(\\d+).post_attention_layernorm blk.$1.post_attention_norm
      model.layers.(\\d+).pre_feedforward_layernorm blk.$1.ffn_norm
      model.layers.(\\d+).post_feedforward_layernorm blk.$1.post_ffw_norm
      """;
  private static final String GPT2 =
      """
      transformer.wte token_embd
      transformer.wpe position_embd
      transformer.ln_f output_norm
      transformer.h.(\\d+).ln_1 blk.$1.attn_norm
      transformer.h.(\\d+).attn.c_attn blk.$1.attn_qkv
      transformer.h.(\\d+).attn.c_proj blk.$1.attn_output
      transformer.h.(\\d+).ln_2 blk.$1.ffn_norm
      transformer.h.(\\d+).mlp.c_fc blk.$1.ffn_up
      transformer.h.(\\d+).mlp.c_proj blk.$1.ffn_down
      """;
  private static final String NEOX =
      """
      gpt_neox.embed_in token_embd
      gpt_neox.final_layer_norm output_norm
      embed_out output
      gpt_neox.layers.(\\d+).input_layernorm blk.$1.attn_norm
      gpt_neox.layers.(\\d+).attention.query_key_value blk.$1.attn_qkv
      gpt_neox.layers.(\\d+).attention.dense blk.$1.attn_output
      gpt_neox.layers.(\\d+).post_attention_layernorm blk.$1.ffn_norm
      gpt_neox.layers.(\\d+).mlp.dense_h_to_4h blk.$1.ffn_up
      gpt_neox.layers.(\\d+).mlp.dense_4h_to_h blk.$1.ffn_down
      """;

  private final JsonNode config;
  private final String type;
  private final String architecture;
  private final GgufBytes file = GgufBytes.llama().withoutAnything();

  private ConvertedModel(JsonNode config) {
    this.config = config;
    this.type = config.get("model_type").asText();
    this.architecture =
        switch (type) {
          case "mistral", "mixtral" -> "llama";
          case "gpt_neox" -> "gptneox";
          default -> type;
        };
  }

  static GgufBytes of(Path directory) {
    var model = new ConvertedModel(JsonFile.read(directory.resolve("config.json")));
    model.metadata();
    try (var tensors = Safetensors.open(directory.resolve("model.safetensors"))) {
      model.rotaryFactors();
      for (var name : tensors.tensors().keySet()) {
        model.add(name, tensors);
      }
    }
    return model.file;
  }

  private void metadata() {
    file.with("general.architecture", architecture);
    whole("block_count", "num_hidden_layers", "n_layer");
    whole("context_length", "max_position_embeddings", "n_positions");
    whole("embedding_length", "hidden_size", "n_embd");
    whole("feed_forward_length", "intermediate_size", "n_inner");
    whole("attention.head_count", "num_attention_heads", "n_head");
    whole("attention.head_count_kv", "num_key_value_heads");
    whole("attention.key_length", "head_dim");
    whole("attention.sliding_window", "sliding_window");
    whole("expert_count", "num_local_experts");
    whole("expert_used_count", "num_experts_per_tok");
    number("attention.layer_norm_rms_epsilon", "rms_norm_eps");
    number("attention.layer_norm_epsilon", "layer_norm_eps", "layer_norm_epsilon");
    number("rope.freq_base", "rope_theta");
    number("attn_logit_softcapping", "attn_logit_softcapping");
    number("final_logit_softcapping", "final_logit_softcapping");
    if (type.equals("gpt_neox")) {
      file.with(
          "gptneox.rope.dimension_count", (int) (config.get("rotary_pct").asDouble() * head()));
      file.with("gptneox.use_parallel_residual", config.get("use_parallel_residual").asBoolean());
    }
    var tokens = new ArrayList<String>();
    for (int id = 0; id < config.get("vocab_size").asInt(); id++) {
      tokens.add("t" + id);
    }
    file.with("tokenizer.ggml.model", "gpt2").with("tokenizer.ggml.pre", "gpt-2");
    file.with("tokenizer.ggml.tokens", tokens).with("tokenizer.ggml.merges", List.of());
    for (var role : Map.of("bos", "bos", "eos", "eos", "pad", "padding").entrySet()) {
      var id = config.path(role.getKey() + "_token_id");
      if (id.isInt() && id.asInt() < tokens.size()) {
        file.with("tokenizer.ggml." + role.getValue() + "_token_id", id.asInt());
      }
    }
  }

  private void whole(String key, String... fields) {
    for (var field : fields) {
      if (config.path(field).isInt()) {
        file.with(architecture + "." + key, config.get(field).asInt());
      }
    }
  }

  private void number(String key, String... fields) {
    for (var field : fields) {
      if (config.path(field).isNumber()) {
        file.with(architecture + "." + key, (float) config.get(field).asDouble());
      }
    }
  }

  private int heads() {
    return config.path("num_attention_heads").asInt(config.path("n_head").asInt());
  }

  private int head() {
    int hidden = config.path("hidden_size").asInt(config.path("n_embd").asInt());
    return config.path("head_dim").asInt(hidden / heads());
  }

  /** Llama 3.1's scaling becomes a tensor. */
  private void rotaryFactors() {
    var scaling = config.path("rope_scaling");
    if (!scaling.path("rope_type").asText().equals("llama3")) {
      return;
    }
    double old = scaling.get("original_max_position_embeddings").asDouble();
    double low = scaling.get("low_freq_factor").asDouble();
    double high = scaling.get("high_freq_factor").asDouble();
    double factor = scaling.get("factor").asDouble();
    var factors = new float[head() / 2];
    for (int i = 0; i < factors.length; i++) {
      double f = 1 / Math.pow(config.get("rope_theta").asDouble(), 2.0 * i / head());
      double wavelength = 2 * Math.PI / f;
      double smooth = (old / wavelength - low) / (high - low);
      factors[i] =
          (float)
              (wavelength < old / high
                  ? 1
                  : wavelength > old / low ? factor : 1 / ((1 - smooth) / factor + smooth));
    }
    file.floats("rope_freqs.weight", factors, factors.length);
  }

  private String stored(String module) {
    var table =
        switch (type) {
          case "gpt2" -> GPT2;
          case "gpt_neox" -> NEOX;
          case "gemma2", "olmo2" -> POST_NORMS + COMMON;
          default -> COMMON;
        };
    var rules = new LinkedHashMap<String, String>();
    table.lines().forEach(line -> rules.putIfAbsent(line.split(" ")[0], line.split(" ")[1]));
    for (var rule : rules.entrySet()) {
      var pattern = rule.getKey().replace(".", "\\.");
      if (module.matches(pattern)) {
        return module.replaceFirst(pattern, rule.getValue());
      }
    }
    throw new AssertionError(module);
  }

  private void add(String name, TensorSource tensors) {
    var values = tensors.floats(name);
    long[] shape = tensors.tensor(name).shape();
    var module = name.substring(0, name.lastIndexOf('.'));
    var end = name.substring(name.lastIndexOf('.'));
    if (name.contains(".experts.")) {
      if (name.contains(".experts.0.")) {
        addExperts(name, tensors);
      }
    } else if (type.startsWith("gemma") && name.endsWith("norm.weight")) {
      for (int i = 0; i < values.length; i++) {
        values[i] += 1;
      }
      file.floats(stored(module) + end, values, shape);
    } else if (architecture.equals("llama") && module.matches(".*[qk]_proj")) {
      file.floats(stored(module) + end, permuted(values, shape), shape);
    } else if (module.endsWith("query_key_value")) {
      file.floats(stored(module) + end, partByPart(values, shape), shape);
    } else if (type.equals("gpt2") && shape.length == 2 && module.contains(".c_")) {
      file.floats(stored(module) + end, turned(values, shape), shape[1], shape[0]);
    } else {
      file.floats(stored(module) + end, values, shape);
    }
  }

  private void addExperts(String name, TensorSource tensors) {
    int experts = config.get("num_local_experts").asInt();
    long[] shape = tensors.tensor(name).shape();
    var all = new float[(int) (experts * shape[0] * shape[1])];
    for (int expert = 0; expert < experts; expert++) {
      var one = tensors.floats(name.replace(".experts.0.", ".experts." + expert + "."));
      System.arraycopy(one, 0, all, expert * one.length, one.length);
    }
    var layer = name.replaceFirst("model\\.layers\\.(\\d+)\\..*", "$1");
    var kind = Map.of("w1", "gate", "w2", "down", "w3", "up");
    var word = name.replaceFirst(".*\\.(w\\d)\\.weight", "$1");
    file.floats(
        "blk." + layer + ".ffn_" + kind.get(word) + "_exps.weight",
        all,
        experts,
        shape[0],
        shape[1]);
  }

  /** reshape(heads, 2, d/2, …).swapaxes(1, 2) */
  private float[] permuted(float[] values, long[] shape) {
    int width = (int) (values.length / shape[0]);
    int d = head();
    var moved = new float[values.length];
    for (int h = 0; h < shape[0] / d; h++) {
      for (int s = 0; s < 2; s++) {
        for (int i = 0; i < d / 2; i++) {
          System.arraycopy(
              values, (h * d + s * d / 2 + i) * width, moved, (h * d + i * 2 + s) * width, width);
        }
      }
    }
    return moved;
  }

  /** reshape(heads, 3, d, …), then all queries, all keys, all values. */
  private float[] partByPart(float[] values, long[] shape) {
    int row = (int) (values.length / shape[0]) * head();
    var moved = new float[values.length];
    int to = 0;
    for (int part = 0; part < 3; part++) {
      for (int h = 0; h < heads(); h++) {
        System.arraycopy(values, (h * 3 + part) * row, moved, to, row);
        to += row;
      }
    }
    return moved;
  }

  private static float[] turned(float[] values, long[] shape) {
    int columns = (int) shape[1];
    var turned = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      turned[i % columns * (int) shape[0] + i / columns] = values[i];
    }
    return turned;
  }
}
