package io.lorashear.family;

import io.lorashear.InputException;
import io.lorashear.family.SelfAttention.Norm;
import io.lorashear.graph.ModelGraph;
import java.util.stream.StreamSupport;

/**
 * Qwen3 with experts (arXiv 2505.09388): Qwen3's attention, and many small MLPs of which a router
 * picks eight. Layers that {@code mlp_only_layers} names, or that {@code decoder_sparse_step}
 * leaves out, have one MLP, as in Qwen3.
 */
final class Qwen3Moe implements Family {
  private static final Fields FIELDS =
      Fields.rotary(false, 1e-6, 10_000)
          .reads("attention_bias", false)
          .reads("hidden_act", "silu")
          .reads("norm_topk_prob", false)
          .reads("num_experts_per_tok", 8)
          .reads("num_key_value_heads", 4)
          .reads("sliding_window", 4096)
          .reads("use_sliding_window", false)
          .calls("num_local_experts", "num_experts")
          .reads("num_local_experts", 128)
          .reads("decoder_sparse_step", 1)
          .reads("mlp_only_layers")
          .plainWhere(Qwen3Moe::plain)
          .callsOnly("intermediate_size", "moe_intermediate_size")
          .reads("intermediate_size", 768)
          .ignores("max_window_layers");

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    boolean biased = config.flag("attention_bias");
    boolean windows = config.flag("use_sliding_window");
    var function = config.activation("hidden_act");
    var mlp = new GatedMlp(function, false);
    var experts =
        new Experts(
            "mlp", "gate_proj", "up_proj", "down_proj", function, config.flag("norm_topk_prob"));
    return new Decoder(config)
        .plain(
            SelfAttention.plain()
                .biased(biased, biased)
                .normed(Norm.HEAD, 0)
                .sliding(layer -> windows),
            (at, x) -> (config.plain(at.index()) ? mlp : experts).write(at, x));
  }

  private static boolean plain(ModelConfig config, int layer) {
    var named = config.fields().path("mlp_only_layers");
    if (!named.isMissingNode() && !named.isNull() && !named.isArray()) {
      throw new InputException(
          "%s: mlp_only_layers is %s: give a list of layers, from 0", config.where(), named);
    }
    boolean alone =
        StreamSupport.stream(named.spliterator(), false).anyMatch(one -> one.asInt(-1) == layer);
    return alone || (layer + 1) % config.size("decoder_sparse_step") != 0;
  }
}
