package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.family.ModelConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code phi3}: queries, keys and values in one matrix, gate and up in another, as in Hugging Face.
 */
final class Phi3Model implements Architecture {
  private static final TensorNames NAMES =
      TensorNames.LLAMA.with(
          Map.of(
              "attn_q", "",
              "attn_k", "",
              "attn_v", "",
              "attn_qkv", "self_attn.qkv_proj",
              "ffn_gate", "",
              "ffn_up", "mlp.gate_up_proj"));

  @Override
  public String embedding() {
    return "model.embed_tokens.weight";
  }

  @Override
  public Set<String> keys() {
    return Set.of("attention.sliding_window");
  }

  @Override
  public boolean headsFillHidden() {
    return true;
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
    var config = ConfigFields.likeLlama("phi3", "Phi3ForCausalLM", h, names, vocabulary);
    config.put("hidden_act", "silu");
    var length = h.wholeOrNull("rope.scaling.original_context_length");
    if (length != null) {
      config.put("original_max_position_embeddings", length);
    }
    config.put("partial_rotary_factor", (double) h.rotaryDimension() / h.headDimension());
    var window = h.wholeOrNull("attention.sliding_window");
    config.put("sliding_window", window == null || window == 0 ? null : window);
    return config;
  }
}
