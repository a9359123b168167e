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
 * {@code gpt2}: Hugging Face stores the matrices of a block as (in, out), llama.cpp as (out, in).
 */
final class Gpt2Model implements Architecture {
  private static final TensorNames NAMES =
      new TensorNames(
          Map.of(
              "token_embd", "transformer.wte",
              "position_embd", "transformer.wpe",
              "output_norm", "transformer.ln_f",
              "output", "lm_head"),
          "transformer.h.",
          Map.of(
              "attn_norm", "ln_1",
              "attn_qkv", "attn.c_attn",
              "attn_output", "attn.c_proj",
              "ffn_norm", "ln_2",
              "ffn_up", "mlp.c_fc",
              "ffn_down", "mlp.c_proj"));
  private static final Pattern TURNED = Pattern.compile(".*\\.c_(attn|proj|fc)\\.weight");

  @Override
  public String embedding() {
    return "transformer.wte.weight";
  }

  @Override
  public Optional<String> headMadeOfEmbedding() {
    return Optional.of("lm_head.weight");
  }

  @Override
  public boolean headsFillHidden() {
    return true;
  }

  @Override
  public Optional<String> stored(String name, Hyperparameters h) {
    return NAMES.stored(name);
  }

  @Override
  public List<Part> parts(Entry entry, Hyperparameters h) {
    return NAMES.huggingFace(entry.name()).stream()
        .map(
            name -> {
              var part = Part.whole(name, entry);
              boolean matrix = entry.extents().length == 2;
              return matrix && TURNED.matcher(name).matches() ? part.transpose() : part;
            })
        .toList();
  }

  @Override
  public void describe(ModelConfig config, Description said) {
    ConfigFields.describe(config, said);
    said.number("attention.layer_norm_epsilon", config.number("layer_norm_epsilon"));
  }

  @Override
  public ObjectNode config(Hyperparameters h, Set<String> names, long vocabulary) {
    if (!h.rotaryFactors().isEmpty()) {
      throw h.unread("scales rotary frequencies that a gpt2 does not have");
    }
    boolean tied = !names.contains("lm_head.weight");
    var config = ConfigFields.of("gpt2", "GPT2LMHeadModel", h, tied, vocabulary);
    config.put("activation_function", "gelu_new");
    config.put("layer_norm_epsilon", h.number("attention.layer_norm_epsilon"));
    config.put("n_ctx", h.whole("context_length")); // llama.cpp's converter requires it
    config.put("n_embd", h.hidden());
    config.put("n_head", h.even(h.queryHeads(), "query heads"));
    config.put("n_inner", h.even(h.channels(), "feed-forward widths"));
    config.put("n_layer", h.layers());
    config.put("n_positions", h.whole("context_length"));
    config.put("scale_attn_weights", true);
    return config;
  }
}
