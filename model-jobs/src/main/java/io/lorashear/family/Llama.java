package io.lorashear.family;

import io.lorashear.InputException;
import io.lorashear.graph.Activation;
import io.lorashear.graph.GraphBuilder;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Value;
import java.util.ArrayList;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Llama 1, 2 and 3 (arXiv 2302.13971, 2307.09288, 2407.21783), with the scaled rotary frequencies
 * of Llama 3.1 and optional biases.
 *
 * <pre>
 *   x ← embed(ids)
 *   x ← x + o(attention(rotary(q(n)), rotary(k(n)), v(n)))    n = norm(x)
 *   x ← x + down(silu(gate(n)) · up(n))                       n = norm(x)
 *   logits ← head(norm(x))
 * </pre>
 */
final class Llama implements Family {
  private static final Set<String> FIELDS =
      Set.of(
          "_model_name_or_path",
          "_name_or_path",
          "architectures",
          "attention_bias",
          "attention_dropout",
          "auto_map",
          "bos_token_id",
          "dtype",
          "eos_token_id",
          "head_dim",
          "hidden_act",
          "hidden_size",
          "initializer_range",
          "intermediate_size",
          "is_llama_config",
          "max_position_embeddings",
          "mlp_bias",
          "model_type",
          "num_attention_heads",
          "num_hidden_layers",
          "num_key_value_heads",
          "pad_token_id",
          "per_layer_config",
          "pretraining_tp",
          "rms_norm_eps",
          "rope_interleaved",
          "rope_parameters",
          "rope_scaling",
          "rope_theta",
          "tie_word_embeddings",
          "torch_dtype",
          "transformers.js_config",
          "transformers_version",
          "unk_token_id",
          "use_cache",
          "vocab_size");

  @Override
  public ModelGraph trace(ModelConfig config) {
    config.allow(FIELDS);
    if (config.flag("rope_interleaved", false)) {
      throw new InputException(
          "%s: rope_interleaved is true: only the half-split rotary order is known",
          config.where());
    }
    var g = new GraphBuilder();
    var x =
        g.embedding(
            g.tokens(),
            "model.embed_tokens.weight",
            config.vocabularySize(),
            config.hiddenSize()); // (B, T, hidden)
    for (int layer = 0; layer < config.layers().size(); layer++) {
      var before = x;
      var writer = new Layer(g, config, config.layers().get(layer), "model.layers." + layer + ".");
      x = g.block("layers." + layer, () -> writer.forward(before)); // (B, T, hidden)
    }
    x = g.rmsNorm(x, "model.norm.weight", epsilon(config)); // (B, T, hidden)
    var head = config.tiedEmbeddings() ? "model.embed_tokens.weight" : "lm_head.weight";
    return g.build(g.linear(x, head, config.vocabularySize())); // (B, T, vocabulary)
  }

  private static double epsilon(ModelConfig config) {
    return config.number("rms_norm_eps", 1e-6);
  }

  private record Layer(GraphBuilder g, ModelConfig config, LayerWidths widths, String prefix) {

    Value forward(Value x) {
      var n = g.rmsNorm(x, prefix + "input_layernorm.weight", epsilon(config)); // (B, T, hidden)
      var h = g.add(x, g.scope("attention", () -> attention(n))); // (B, T, hidden)
      var m = g.rmsNorm(h, prefix + "post_attention_layernorm.weight", epsilon(config));
      return g.add(h, g.scope("mlp", () -> mlp(m))); // (B, T, hidden)
    }

    private Value attention(Value x) {
      int d = config.headDimension();
      var frequencies = RotaryFrequencies.of(config);
      var q = g.splitHeads(project(x, "q", widths.queryHeads() * d), d); // (B, T, heads, d)
      var k = g.splitHeads(project(x, "k", widths.keyValueHeads() * d), d); // (B, T, kvHeads, d)
      var v = g.splitHeads(project(x, "v", widths.keyValueHeads() * d), d); // (B, T, kvHeads, d)
      var y =
          g.attention(
              g.rotary(q, frequencies),
              g.rotary(k, frequencies),
              v,
              new Attention(1 / Math.sqrt(d), null, null)); // (B, T, heads, d)
      return project(g.mergeHeads(y), "o", config.hiddenSize()); // (B, T, hidden)
    }

    private Value project(Value x, String name, int out) {
      return linear(x, "self_attn." + name + "_proj", config.flag("attention_bias", false), out);
    }

    private Value mlp(Value x) {
      boolean biased = config.flag("mlp_bias", false);
      var gate = linear(x, "mlp.gate_proj", biased, widths.channels()); // (B, T, channels)
      var up = linear(x, "mlp.up_proj", biased, widths.channels()); // (B, T, channels)
      var inner = g.multiply(g.activate(gate, Activation.SILU), up); // (B, T, channels)
      return linear(inner, "mlp.down_proj", biased, config.hiddenSize()); // (B, T, hidden)
    }

    private Value linear(Value x, String name, boolean biased, int out) {
      @Nullable String bias = biased ? prefix + name + ".bias" : null;
      return g.linear(x, prefix + name + ".weight", bias, out);
    }
  }

  @Override
  public ModelConfig resized(ModelConfig config, Map<String, Integer> sizes) {
    var widths = new ArrayList<LayerWidths>();
    for (int layer = 0; layer < config.layers().size(); layer++) {
      var now = config.layers().get(layer);
      var place = "layers." + layer + ".";
      int keys = sizes.getOrDefault(place + "attention.kvHeads", now.keyValueHeads());
      int group =
          sizes.getOrDefault(place + "attention.group", now.queryHeads() / now.keyValueHeads());
      int channels = sizes.getOrDefault(place + "mlp.channels", now.channels());
      widths.add(new LayerWidths(keys * group, keys, channels));
    }
    var resized = config.withLayers(widths);
    if (sizes.containsKey("hidden")) {
      double shrunk = (double) config.hiddenSize() / sizes.get("hidden"); // N/N′, as the norms' ε
      resized.fields().put("hidden_size", sizes.get("hidden"));
      resized.fields().put("rms_norm_eps", epsilon(config) * shrunk);
    }
    return resized;
  }
}
