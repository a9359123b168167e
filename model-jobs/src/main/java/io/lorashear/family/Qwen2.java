package io.lorashear.family;

import io.lorashear.graph.ModelGraph;
import java.util.function.IntPredicate;

/**
 * Qwen2 and Qwen2.5 (arXiv 2407.10671, 2412.15115): Llama with biases on q, k and v. Layers from
 * {@code max_window_layers} on may have a window.
 */
final class Qwen2 implements Family {
  private static final Fields FIELDS =
      windowed(Fields.rotary(false, 1e-6, 10_000))
          // what some servers do beyond 262144 tokens; transformers computes without it
          .ignores("dual_chunk_attention_config");

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    return new Decoder(config)
        .plain(
            SelfAttention.plain().biased(true, false).sliding(windows(config)),
            new GatedMlp(config.activation("hidden_act"), false));
  }

  /** Fields that Qwen2 and Qwen3 have in common. */
  static Fields windowed(Fields fields) {
    return fields
        .reads("num_key_value_heads", 32)
        .reads("hidden_act", "silu")
        .reads("layer_types")
        .reads("max_window_layers", 28)
        .reads("sliding_window", 4096)
        .reads("use_sliding_window", false);
  }

  /** Which layers have a window. */
  static IntPredicate windows(ModelConfig config) {
    boolean used = config.flag("use_sliding_window");
    double first = config.number("max_window_layers");
    return layer -> used && layer >= first;
  }
}
