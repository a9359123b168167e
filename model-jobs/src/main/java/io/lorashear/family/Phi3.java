package io.lorashear.family;

import io.lorashear.graph.Activation;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Value;
import java.util.List;

/**
 * Phi-3 (arXiv 2404.14219): Llama with one matrix for q, k and v and one for gate and up, and in
 * its long-context variants rotary frequencies that depend on a text's length.
 *
 * <pre>
 *   q | k | v ← W_qkv n         gate | up ← W_gu n
 * </pre>
 */
final class Phi3 implements Family {
  private static final Fields FIELDS =
      Fields.rotary(false, 1e-5, 10_000)
          .reads("hidden_act", "silu")
          .reads("partial_rotary_factor", 1.0)
          .reads("sliding_window")
          .reads("max_position_embeddings", 4096)
          .reads("original_max_position_embeddings", 4096);

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    var gate = config.activation("hidden_act");
    return new Decoder(config).plain(Phi3::attention, (at, x) -> mlp(at, x, gate));
  }

  private static Value attention(Layer at, Value x) {
    var g = at.g();
    int q = at.queryWidth();
    int k = at.keyWidth();
    double scale = 1 / Math.sqrt(at.config().headDimension());
    var kind = new Attention(scale, at.config().window(at.index(), true), null);
    return g.scope(
        "attention",
        () -> {
          var qkv = at.linear(x, "self_attn.qkv_proj", false, q + 2 * k); // (B, T, q | k | v)
          var heads = g.split(qkv, List.of(q, k, k)).stream().map(at::heads).toList();
          var y = at.rotaryAttention(heads.get(0), heads.get(1), heads.get(2), kind);
          return at.linear(y, "self_attn.o_proj", false, at.config().hiddenSize());
        });
  }

  private static Value mlp(Layer at, Value x, Activation function) {
    var g = at.g();
    int channels = at.widths().channels();
    return g.scope(
        "mlp",
        () -> {
          var both = at.linear(x, "mlp.gate_up_proj", false, 2 * channels);
          var parts = g.split(both, List.of(channels, channels)); // (B, T, channels) each
          var inner = g.multiply(g.activate(parts.get(0), function), parts.get(1));
          return at.linear(inner, "mlp.down_proj", false, at.config().hiddenSize());
        });
  }
}
