package io.lorashear.family;

import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Value;
import java.util.List;

/**
 * GPT-NeoX (arXiv 2204.06745) and Pythia (arXiv 2304.01373): attention and MLP in parallel, rotary
 * positions on a part of each head, and one matrix whose rows are q, k and v of the first head,
 * then of the second.
 *
 * <pre>
 *   x ← x + attention(norm₁(x)) + W_2 gelu(W_1 norm₂(x))      in parallel, or in sequence
 * </pre>
 */
final class GptNeoX implements Family {
  private static final Fields FIELDS =
      Fields.tied(false)
          .derivesHeadDimension()
          .calls("partial_rotary_factor", "rotary_pct")
          .calls("rope_theta", "rotary_emb_base")
          .reads("attention_bias", true)
          .reads("hidden_act", "gelu")
          .reads("layer_norm_eps", 1e-5)
          .reads("partial_rotary_factor", 0.25)
          .reads("rope_parameters")
          .reads("rope_scaling")
          .reads("rope_theta", 10_000)
          .reads("use_parallel_residual", true);

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public String architecture() {
    return "GPTNeoXForCausalLM";
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    var d = new Decoder(config);
    var g = d.g();
    var x = d.embed("gpt_neox.embed_in.weight"); // (B, T, hidden)
    var y = d.layers(x, GptNeoX::layer, "gpt_neox.layers."); // (B, T, hidden)
    var norm = "gpt_neox.final_layer_norm";
    double epsilon = config.number("layer_norm_eps");
    var n = g.layerNorm(y, norm + ".weight", norm + ".bias", epsilon); // (B, T, hidden)
    return g.build(d.head(n, "gpt_neox.embed_in.weight", "embed_out.weight"));
  }

  private static Value layer(Layer at, Value x) {
    var g = at.g();
    var h =
        at.addAttention(
            x,
            () -> {
              var n = at.layerNorm(x, "input_layernorm", "layer_norm_eps"); // (B, T, hidden)
              return g.scope("attention", () -> attention(at, n)); // (B, T, hidden)
            });
    var read = at.config().flag("use_parallel_residual") ? x : h;
    return at.addMlp(
        h,
        () -> {
          var m = at.layerNorm(read, "post_attention_layernorm", "layer_norm_eps");
          return g.scope("mlp", () -> mlp(at, m)); // (B, T, hidden)
        });
  }

  private static Value attention(Layer at, Value x) {
    var g = at.g();
    int d = at.config().headDimension();
    boolean biased = at.config().flag("attention_bias");
    var qkv = at.linear(x, "attention.query_key_value", biased, 3 * at.queryWidth());
    var heads = g.split(g.splitHeads(qkv, 3 * d), List.of(d, d, d)); // (B, T, heads, d) each
    var kind = new Attention(1 / Math.sqrt(d), null, null);
    var y = at.rotaryAttention(heads.get(0), heads.get(1), heads.get(2), kind);
    return at.linear(y, "attention.dense", biased, at.config().hiddenSize());
  }

  private static Value mlp(Layer at, Value x) {
    var inner = at.linear(x, "mlp.dense_h_to_4h", true, at.widths().channels());
    var active = at.g().activate(inner, at.config().activation("hidden_act")); // (B, T, channels)
    return at.linear(active, "mlp.dense_4h_to_h", true, at.config().hiddenSize());
  }
}
