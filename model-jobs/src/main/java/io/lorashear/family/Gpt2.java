package io.lorashear.family;

import io.lorashear.graph.AxisRole;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Operator.Layout;
import io.lorashear.graph.Value;
import java.util.List;

/**
 * GPT-2 (Radford et al. 2019): learned position embeddings, layer norms, biases everywhere;
 * matrices are stored as (in, out), and q, k and v share one.
 *
 * <pre>
 *   x ← embed(ids) + positions
 *   x ← x + attention(norm(x)),   x ← x + W_2 gelu(W_1 norm(x))
 *   logits ← head(norm(x))
 * </pre>
 */
final class Gpt2 implements Family {
  private static final Fields FIELDS =
      Fields.tied(true)
          .calls("hidden_size", "n_embd")
          .calls("intermediate_size", "n_inner")
          .calls("max_position_embeddings", "n_positions")
          .calls("num_attention_heads", "n_head")
          .calls("num_hidden_layers", "n_layer")
          .channels(4)
          .derivesHeadDimension()
          .reads("activation_function", "gelu_new")
          .reads("layer_norm_epsilon", 1e-5)
          .reads("scale_attn_by_inverse_layer_idx", false)
          .reads("scale_attn_weights", true)
          .ignores("n_ctx");

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public String architecture() {
    return "GPT2LMHeadModel";
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    var d = new Decoder(config);
    var g = d.g();
    var places =
        g.positionEmbedding(
            g.tokens(),
            "transformer.wpe.weight",
            config.size("max_position_embeddings"),
            config.hiddenSize()); // (B, T, hidden)
    var x = g.add(d.embed("transformer.wte.weight"), places); // (B, T, hidden)
    var y = d.layers(x, Gpt2::layer, "transformer.h."); // (B, T, hidden)
    double epsilon = config.number("layer_norm_epsilon");
    var n = g.layerNorm(y, "transformer.ln_f.weight", "transformer.ln_f.bias", epsilon);
    return g.build(d.head(n, "transformer.wte.weight", "lm_head.weight")); // (B, T, vocabulary)
  }

  private static Value layer(Layer at, Value x) {
    var g = at.g();
    var h =
        at.addAttention(
            x,
            () -> {
              var n = at.layerNorm(x, "ln_1", "layer_norm_epsilon"); // (B, T, hidden)
              return g.scope("attention", () -> attention(at, n)); // (B, T, hidden)
            });
    return at.addMlp(
        h,
        () -> {
          var m = at.layerNorm(h, "ln_2", "layer_norm_epsilon"); // (B, T, hidden)
          return g.scope("mlp", () -> mlp(at, m)); // (B, T, hidden)
        });
  }

  private static Value attention(Layer at, Value x) {
    var g = at.g();
    int width = at.queryWidth();
    var qkv = linear(at, x, "attn.c_attn", 3 * width); // (B, T, q | k | v)
    var heads = g.split(qkv, List.of(width, width, width)).stream().map(at::heads).toList();
    var kind = new Attention(scale(at), null, null);
    var y = g.attention(heads.get(0), heads.get(1), heads.get(2), kind); // (B, T, heads, d)
    return linear(at, g.mergeHeads(y), "attn.c_proj", at.config().hiddenSize());
  }

  private static double scale(Layer at) {
    var config = at.config();
    double scale = config.flag("scale_attn_weights") ? 1 / Math.sqrt(config.headDimension()) : 1;
    return config.flag("scale_attn_by_inverse_layer_idx") ? scale / (at.index() + 1) : scale;
  }

  private static Value mlp(Layer at, Value x) {
    var inner = linear(at, x, "mlp.c_fc", at.widths().channels()); // (B, T, channels)
    var function = at.config().activation("activation_function");
    return linear(at, at.g().activate(inner, function), "mlp.c_proj", at.config().hiddenSize());
  }

  private static Value linear(Layer at, Value x, String module, int out) {
    var name = at.prefix() + module;
    return at.g()
        .linear(x, name + ".weight", name + ".bias", Layout.IN_OUT, out, AxisRole.CHANNELS, "");
  }
}
