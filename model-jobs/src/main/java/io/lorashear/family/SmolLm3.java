package io.lorashear.family;

import io.lorashear.InputException;
import io.lorashear.graph.ModelGraph;
import java.util.function.IntPredicate;

/**
 * SmolLM3: Llama without positions in every fourth layer (NoPE, arXiv 2305.19466, mixed in as in
 * arXiv 2501.18795). Only those layers may have a sliding window.
 *
 * <pre>
 *   x ← x + o(attention(q(n), k(n), v(n)))                    where no_rope_layers has a 0
 *   x ← x + o(attention(rotary(q(n)), rotary(k(n)), v(n)))    where it has a 1
 * </pre>
 */
final class SmolLm3 implements Family {
  private static final Fields FIELDS =
      Fields.rotary(true, 1e-6, 2_000_000)
          .reads("attention_bias", false)
          .reads("hidden_act", "silu")
          .reads("layer_types")
          .reads("mlp_bias", false)
          .reads("no_rope_layer_interval", 4)
          .reads("no_rope_layers")
          .reads("num_key_value_heads", 4)
          .reads("sliding_window")
          .reads("use_sliding_window", false)
          .ignores("max_window_layers");

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public String architecture() {
    return "SmolLM3ForCausalLM";
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    boolean biased = config.flag("attention_bias");
    boolean windows = config.flag("use_sliding_window");
    var turned = turned(config);
    return new Decoder(config)
        .plain(
            SelfAttention.plain()
                .biased(biased, biased)
                .turning(turned)
                .sliding(layer -> windows && !turned.test(layer)),
            new GatedMlp(config.activation("hidden_act"), config.flag("mlp_bias")));
  }

  /** Which layers have rotary positions, in spite of the field's name. */
  private static IntPredicate turned(ModelConfig config) {
    var said = config.fields().path("no_rope_layers");
    if (said.isMissingNode() || said.isNull()) {
      int interval = config.size("no_rope_layer_interval");
      return layer -> (layer + 1) % interval != 0;
    }
    for (int layer = 0; layer < config.layers().size(); layer++) {
      var one = said.path(layer);
      if (!one.isInt() || one.asInt() < 0 || one.asInt() > 1) {
        throw new InputException(
            "%s: no_rope_layers has %s for layer %d: give 1 where positions are turned, 0 where"
                + " they are not",
            config.where(), one.isMissingNode() ? "nothing" : one, layer);
      }
    }
    return layer -> said.get(layer).asInt() == 1;
  }
}
