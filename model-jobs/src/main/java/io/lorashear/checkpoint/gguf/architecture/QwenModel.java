package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.family.ModelConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * {@code qwen2} and {@code qwen3}: tensors are stored as in Hugging Face.
 *
 * @param normed whether each head's queries and keys have norms, as from Qwen 3 on
 */
record QwenModel(String type, String model, boolean normed) implements Architecture {
  private static final TensorNames NORMED =
      TensorNames.LLAMA.with(
          Map.of("attn_q_norm", "self_attn.q_norm", "attn_k_norm", "self_attn.k_norm"));

  private static final Pattern BIASED = Pattern.compile("blk\\.\\d+\\.attn_[qkv]\\.bias");

  @Override
  public String embedding() {
    return "model.embed_tokens.weight";
  }

  @Override
  public boolean headsFillHidden() {
    return !normed;
  }

  @Override
  public Optional<String> stored(String name, Hyperparameters h) {
    return (normed ? NORMED : TensorNames.LLAMA)
        .stored(name)
        .filter(stored -> !stored.endsWith(".bias") || !normed && BIASED.matcher(stored).matches());
  }

  @Override
  public List<Part> parts(Entry entry, Hyperparameters h) {
    return (normed ? NORMED : TensorNames.LLAMA)
        .huggingFace(entry.name()).stream().map(name -> Part.whole(name, entry)).toList();
  }

  @Override
  public void describe(ModelConfig config, Description said) {
    ConfigFields.describeLikeLlama(config, said);
  }

  @Override
  public ObjectNode config(Hyperparameters h, Set<String> names, long vocabulary) {
    var config = ConfigFields.likeLlama(type, model, h, names, vocabulary);
    if (normed) {
      config.put("attention_bias", names.contains("model.layers.0.self_attn.q_proj.bias"));
    }
    config.put("hidden_act", "silu");
    config.putNull("sliding_window");
    config.put("use_sliding_window", false);
    return config;
  }
}
