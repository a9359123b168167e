package io.lorashear.family;

import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Value;
import org.jspecify.annotations.Nullable;

/**
 * Gemma 2 (arXiv 2408.00118): Gemma with norms before and after every block, soft-capped scores and
 * logits, and a sliding window in every other layer.
 *
 * <pre>
 *   x ← √hidden · embed(ids)
 *   x ← x + norm(attention(norm(x))),   x ← x + norm(mlp(norm(x)))
 *   logits ← c · tanh(head(norm(x))/c)
 * </pre>
 */
final class Gemma2 implements Family {
  private static final Fields FIELDS =
      Fields.rotary(true, 1e-6, 10_000)
          .reads("attention_bias", false)
          .reads("attn_logit_softcapping", 50.0)
          .reads("final_logit_softcapping", 30.0)
          .reads("head_dim", 256)
          .reads("hidden_activation", "gelu_pytorch_tanh")
          .reads("layer_types")
          .reads("num_key_value_heads", 4)
          .reads("query_pre_attn_scalar", 256)
          .reads("sliding_window", 4096)
          .repeats("sliding_window_size", "sliding_window")
          .ignores("hidden_act");

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    boolean biased = config.flag("attention_bias");
    double scale = 1 / Math.sqrt(config.number("query_pre_attn_scalar"));
    var attention =
        SelfAttention.plain()
            .biased(biased, biased)
            .sliding(layer -> layer % 2 == 0)
            .scored(scale, cap(config, "attn_logit_softcapping"));
    var mlp = new GatedMlp(config.activation("hidden_activation"), false);
    var d = new Decoder(config);
    var x = d.layers(d.g().rootScale(d.embed()), new Sandwich(attention, mlp)); // (B, T, hidden)
    var logits = d.head(d.norm(x, 1)); // (B, T, vocabulary)
    return d.g().build(capped(d, logits, cap(config, "final_logit_softcapping")));
  }

  static Value capped(Decoder d, Value x, @Nullable Double cap) {
    return cap == null ? x : d.softCap(x, cap);
  }

  /** An explicit null means none. */
  static @Nullable Double cap(ModelConfig config, String field) {
    boolean none = config.fields().path(field).isNull() || !config.has(field);
    return none ? null : Double.valueOf(config.number(field));
  }
}
