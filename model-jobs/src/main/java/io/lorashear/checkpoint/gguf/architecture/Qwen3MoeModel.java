package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.family.ModelConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code qwen3moe}: Qwen 3's attention and experts in every layer; the weights of the chosen
 * experts are always normalised to sum to 1, regardless of the metadata.
 */
final class Qwen3MoeModel implements Architecture {
  private static final String EXPERT = "mlp.experts." + TensorNames.EXPERT;
  private static final TensorNames NAMES =
      TensorNames.LLAMA.with(
          Map.of(
              "attn_q_norm", "self_attn.q_norm",
              "attn_k_norm", "self_attn.k_norm",
              "ffn_gate_inp", "mlp.gate",
              "ffn_gate", "",
              "ffn_up", "",
              "ffn_down", "",
              "ffn_gate_exps", EXPERT + ".gate_proj",
              "ffn_up_exps", EXPERT + ".up_proj",
              "ffn_down_exps", EXPERT + ".down_proj"));
  private static final String EXPERTS = "expert_count";
  private static final String USED = "expert_used_count";
  private static final String WIDTH = "expert_feed_forward_length";

  @Override
  public String embedding() {
    return "model.embed_tokens.weight";
  }

  @Override
  public Set<String> keys() {
    return Set.of(EXPERTS, USED, WIDTH);
  }

  @Override
  public Optional<String> stored(String name, Hyperparameters h) {
    return NAMES.stored(name).filter(stored -> !stored.endsWith(".bias"));
  }

  @Override
  public List<Part> parts(Entry entry, Hyperparameters h) {
    var name = NAMES.huggingFace(entry.name()).orElse(null);
    if (name == null) {
      return List.of();
    }
    return name.contains(TensorNames.EXPERT)
        ? Part.experts(name, entry, h.whole(EXPERTS), h)
        : List.of(Part.whole(name, entry));
  }

  @Override
  public void describe(ModelConfig config, Description said) {
    ConfigFields.describeLikeLlama(config, said);
    said.whole(EXPERTS, config.size("num_local_experts"))
        .whole(USED, config.size("num_experts_per_tok"))
        .whole(WIDTH, config.size("intermediate_size"));
  }

  @Override
  public ObjectNode config(Hyperparameters h, Set<String> names, long vocabulary) {
    var config = ConfigFields.likeLlama("qwen3_moe", "Qwen3MoeForCausalLM", h, names, vocabulary);
    var width = h.wholeOrNull(WIDTH);
    int all = h.even(h.channels(), "feed-forward widths");
    config.put("attention_bias", names.contains("model.layers.0.self_attn.q_proj.bias"));
    config.put("decoder_sparse_step", 1);
    config.put("hidden_act", "silu");
    config.putArray("mlp_only_layers");
    config.put("moe_intermediate_size", width == null || width == 0 ? all / h.whole(USED) : width);
    config.put("norm_topk_prob", true);
    config.put("num_experts", h.whole(EXPERTS));
    config.put("num_experts_per_tok", h.whole(USED));
    config.putNull("sliding_window");
    config.put("use_sliding_window", false);
    return config;
  }
}
