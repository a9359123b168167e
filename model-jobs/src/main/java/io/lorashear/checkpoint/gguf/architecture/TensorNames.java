package io.lorashear.checkpoint.gguf.architecture;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * llama.cpp's names of a model's modules against Hugging Face's.
 *
 * <pre>
 *   output_norm.weight       outside      model.norm.weight
 *   blk.3.attn_q.weight      in a block   model.layers.3.self_attn.q_proj.weight
 *   blk.3.ffn_up.7.weight    an expert    model.layers.3.block_sparse_moe.experts.7.w3.weight
 * </pre>
 *
 * @param outside modules outside of blocks
 * @param blocks prefix before a block's number
 * @param inBlock modules of a block; {@link #EXPERT} stands for an expert's number
 */
record TensorNames(Map<String, String> outside, String blocks, Map<String, String> inBlock) {
  static final String EXPERT = "*";

  /** Suffix of a module that contains all experts of a block, in current files. */
  private static final String TOGETHER = "_exps";

  private static final Pattern NAME =
      Pattern.compile("(?:blk\\.(\\d{1,6})\\.)?(\\w+)(?:\\.(\\d{1,6}))?\\.(weight|bias)");

  /** Llama's names, which most families share. */
  static final TensorNames LLAMA =
      new TensorNames(
          Map.of(
              "token_embd", "model.embed_tokens", "output_norm", "model.norm", "output", "lm_head"),
          "model.layers.",
          Map.of(
              "attn_norm", "input_layernorm",
              "attn_q", "self_attn.q_proj",
              "attn_k", "self_attn.k_proj",
              "attn_v", "self_attn.v_proj",
              "attn_output", "self_attn.o_proj",
              "ffn_norm", "post_attention_layernorm",
              "ffn_gate", "mlp.gate_proj",
              "ffn_up", "mlp.up_proj",
              "ffn_down", "mlp.down_proj"));

  /** These names with other names in blocks; an empty text removes a name. */
  TensorNames with(Map<String, String> others) {
    var all = new HashMap<>(inBlock);
    all.putAll(others);
    all.values().removeIf(String::isEmpty);
    return new TensorNames(outside, blocks, Map.copyOf(all));
  }

  /**
   * The stored tensor that contains Hugging Face's {@code name}; empty if the model has no such
   * tensor. The opposite of {@link #huggingFace}.
   */
  Optional<String> stored(String name) {
    int end = name.lastIndexOf('.');
    var module = end < 0 ? name : name.substring(0, end);
    var kind = name.substring(module.length());
    if (!module.startsWith(blocks)) {
      return outside.entrySet().stream()
          .filter(each -> each.getValue().equals(module))
          .map(each -> each.getKey() + kind)
          .findFirst();
    }
    var inside = module.substring(blocks.length());
    int point = Math.max(0, inside.indexOf('.'));
    var numberless = inside.substring(point).replaceFirst("^\\.", "");
    return inBlock.entrySet().stream()
        .filter(each -> matches(each.getValue(), numberless))
        .filter(each -> !each.getValue().contains(EXPERT) || each.getKey().endsWith(TOGETHER))
        .map(each -> "blk." + inside.substring(0, point) + "." + each.getKey() + kind)
        .findFirst();
  }

  private static boolean matches(String pattern, String module) {
    int at = pattern.indexOf(EXPERT);
    if (at < 0) {
      return pattern.equals(module);
    }
    var after = pattern.substring(at + EXPERT.length());
    return module.startsWith(pattern.substring(0, at))
        && module.endsWith(after)
        && module.substring(at, module.length() - after.length()).matches("\\d{1,6}");
  }

  /**
   * Hugging Face's name of {@code name}; empty if the model has no such tensor. It contains {@link
   * #EXPERT} if the stored tensor has all experts of a block.
   */
  Optional<String> huggingFace(String name) {
    var match = NAME.matcher(name);
    if (!match.matches()) {
      return Optional.empty();
    }
    var block = match.group(1);
    var expert = match.group(3);
    var module = block == null ? outside.get(match.group(2)) : inBlock.get(match.group(2));
    boolean ofExpert = module != null && module.contains(EXPERT);
    if (module == null || (expert != null && !ofExpert)) {
      return Optional.empty();
    }
    var numbered = expert == null ? module : module.replace(EXPERT, expert);
    var place = block == null ? "" : blocks + Integer.parseInt(block) + ".";
    return Optional.of(place + numbered + "." + match.group(4));
  }
}
