package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.family.ModelConfig;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code smollm3}: Llama in which every fourth layer has no rotary embedding, regardless of the
 * metadata.
 */
final class SmolLm3Model implements Architecture {
  private static final int INTERVAL = 4;

  private final Architecture llama = new LlamaModel(false);

  @Override
  public String embedding() {
    return llama.embedding();
  }

  @Override
  public Optional<String> stored(String name, Hyperparameters h) {
    return llama.stored(name, h).filter(stored -> !stored.endsWith(".bias"));
  }

  @Override
  public List<Part> parts(Entry entry, Hyperparameters h) {
    return llama.parts(entry, h);
  }

  @Override
  public void describe(ModelConfig config, Description said) {
    ConfigFields.describeLikeLlama(config, said);
  }

  @Override
  public ObjectNode config(Hyperparameters h, Set<String> names, long vocabulary) {
    var config = ConfigFields.likeLlama("smollm3", "SmolLM3ForCausalLM", h, names, vocabulary);
    config.put("attention_bias", names.contains("model.layers.0.self_attn.q_proj.bias"));
    config.put("hidden_act", "silu");
    config.put("mlp_bias", names.contains("model.layers.0.mlp.up_proj.bias"));
    config.put("no_rope_layer_interval", INTERVAL);
    config.put("use_sliding_window", false);
    return config;
  }
}
