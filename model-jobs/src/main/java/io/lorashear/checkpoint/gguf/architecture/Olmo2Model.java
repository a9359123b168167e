package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.family.ModelConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code olmo2}: norms after attention and feed-forward, and on whole queries and keys. */
final class Olmo2Model implements Architecture {
  private static final TensorNames NAMES =
      TensorNames.LLAMA.with(
          Map.of(
              "attn_norm", "",
              "ffn_norm", "",
              "attn_q_norm", "self_attn.q_norm",
              "attn_k_norm", "self_attn.k_norm",
              "post_attention_norm", "post_attention_layernorm",
              "post_ffw_norm", "post_feedforward_layernorm"));

  @Override
  public String embedding() {
    return "model.embed_tokens.weight";
  }

  @Override
  public boolean headsFillHidden() {
    return true;
  }

  @Override
  public Optional<String> headMadeOfEmbedding() {
    return Optional.of("lm_head.weight");
  }

  @Override
  public Optional<String> stored(String name, Hyperparameters h) {
    return NAMES.stored(name).filter(stored -> !stored.endsWith(".bias"));
  }

  @Override
  public List<Part> parts(Entry entry, Hyperparameters h) {
    return NAMES.huggingFace(entry.name()).stream().map(name -> Part.whole(name, entry)).toList();
  }

  @Override
  public void describe(ModelConfig config, Description said) {
    ConfigFields.describeLikeLlama(config, said);
  }

  @Override
  public ObjectNode config(Hyperparameters h, Set<String> names, long vocabulary) {
    var config = ConfigFields.likeLlama("olmo2", "Olmo2ForCausalLM", h, names, vocabulary);
    config.put("attention_bias", names.contains("model.layers.0.self_attn.q_proj.bias"));
    config.put("hidden_act", "silu");
    return config;
  }
}
