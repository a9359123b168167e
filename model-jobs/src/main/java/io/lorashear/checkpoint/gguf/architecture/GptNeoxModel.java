package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.family.ModelConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code gptneox}: GPT-NeoX and Pythia; see {@link RowOrder#headByHead}. */
final class GptNeoxModel implements Architecture {
  private static final TensorNames NAMES =
      new TensorNames(
          Map.of(
              "token_embd", "gpt_neox.embed_in",
              "output_norm", "gpt_neox.final_layer_norm",
              "output", "embed_out"),
          "gpt_neox.layers.",
          Map.of(
              "attn_norm", "input_layernorm",
              "attn_qkv", "attention.query_key_value",
              "attn_output", "attention.dense",
              "ffn_norm", "post_attention_layernorm",
              "ffn_up", "mlp.dense_h_to_4h",
              "ffn_down", "mlp.dense_4h_to_h"));

  @Override
  public String embedding() {
    return "gpt_neox.embed_in.weight";
  }

  @Override
  public Set<String> keys() {
    return Set.of("use_parallel_residual");
  }

  @Override
  public boolean headsFillHidden() {
    return true;
  }

  @Override
  public Optional<String> headMadeOfEmbedding() {
    return Optional.of("embed_out.weight");
  }

  @Override
  public Optional<String> stored(String name, Hyperparameters h) {
    return NAMES.stored(name);
  }

  @Override
  public List<Part> parts(Entry entry, Hyperparameters h) {
    return NAMES.huggingFace(entry.name()).stream().map(name -> part(name, entry, h)).toList();
  }

  private static Part part(String name, Entry entry, Hyperparameters h) {
    var part = Part.whole(name, entry);
    if (!name.contains(".query_key_value.")) {
      return part;
    }
    int heads = h.even(h.queryHeads(), "query heads");
    long rows = entry.extents().length == 0 ? 0 : entry.extents()[0];
    if (rows != 3L * heads * h.headDimension()) {
      throw new InputException(
          "%s: tensor %s has %d rows, which are not the queries, keys and values of %d heads of %d",
          h.metadata().file(), entry.name(), rows, heads, h.headDimension());
    }
    return part.ordered(RowOrder.headByHead(heads, h.headDimension()));
  }

  @Override
  public void describe(ModelConfig config, Description said) {
    ConfigFields.describe(config, said);
    said.number("attention.layer_norm_epsilon", config.number("layer_norm_eps"))
        .flag("use_parallel_residual", config.flag("use_parallel_residual"));
    RotaryScaling.describe(config, said);
  }

  @Override
  public ObjectNode config(Hyperparameters h, Set<String> names, long vocabulary) {
    boolean tied = !names.contains("embed_out.weight");
    var config = ConfigFields.of("gpt_neox", "GPTNeoXForCausalLM", h, tied, vocabulary);
    config.put("attention_bias", names.contains("gpt_neox.layers.0.attention.dense.bias"));
    config.put("hidden_act", "gelu");
    config.put("hidden_size", h.hidden());
    config.put("intermediate_size", h.even(h.channels(), "feed-forward widths"));
    config.put("layer_norm_eps", h.number("attention.layer_norm_epsilon"));
    config.put("max_position_embeddings", h.whole("context_length"));
    config.put("num_attention_heads", h.even(h.queryHeads(), "query heads"));
    config.put("num_hidden_layers", h.layers());
    config.put("rotary_emb_base", h.number("rope.freq_base", 10_000));
    config.put("rotary_pct", (double) h.rotaryDimension() / h.headDimension());
    config.set("rope_scaling", RotaryScaling.of(h));
    config.put("use_parallel_residual", h.metadata().flag(h.key("use_parallel_residual"), true));
    return config;
  }
}
