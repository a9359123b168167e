package io.lorashear.checkpoint.gguf;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** llama.cpp's names of a LLaMA's tensors against Hugging Face's. */
final class LlamaNames {
  private static final Pattern NAME = Pattern.compile("(?:blk\\.(\\d+)\\.)?(\\w+)\\.(weight|bias)");
  private static final Map<String, String> OUTSIDE =
      Map.of("token_embd", "model.embed_tokens", "output_norm", "model.norm", "output", "lm_head");
  private static final Map<String, String> IN_BLOCK =
      Map.of(
          "attn_norm", "input_layernorm",
          "attn_q", "self_attn.q_proj",
          "attn_k", "self_attn.k_proj",
          "attn_v", "self_attn.v_proj",
          "attn_output", "self_attn.o_proj",
          "ffn_norm", "post_attention_layernorm",
          "ffn_gate", "mlp.gate_proj",
          "ffn_up", "mlp.up_proj",
          "ffn_down", "mlp.down_proj");

  private LlamaNames() {}

  /** Hugging Face's name of {@code name}; empty when a LLaMA has no such tensor. */
  static Optional<String> huggingFace(String name) {
    var match = NAME.matcher(name);
    if (!match.matches()) {
      return Optional.empty();
    }
    var module = match.group(2);
    var stem =
        match.group(1) == null
            ? Optional.ofNullable(OUTSIDE.get(module))
            : Optional.ofNullable(IN_BLOCK.get(module))
                .map(inner -> "model.layers." + match.group(1) + "." + inner);
    return stem.map(found -> found + "." + match.group(3));
  }
}
