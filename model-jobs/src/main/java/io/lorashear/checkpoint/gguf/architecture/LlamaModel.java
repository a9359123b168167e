package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * {@code llama}: Llama and Mistral, and Mixtral if there are experts; {@code deci}: the same block
 * with widths of its own for each layer, down to 0. The converter reorders the rows of a head's
 * queries and keys, because llama.cpp's rotary embedding rotates adjacent rows.
 *
 * <p>What llama.cpp computes for a layer of deci that lacks a part:
 *
 * <pre>
 *   heads   kv heads   channels
 *   h       k          c           y = x + attention(norm(x)),  y + mlp(norm(y))
 *   0       0          c           x + mlp(norm(x))
 *   0       0          0           x, but not in the last layer, where rows are chosen
 *   h       k          0           x: the attention is computed and lost
 *   h       0          c           a linear layer instead of attention, which no family here has
 *   0       in the first layer     no head dimension is read
 * </pre>
 *
 * @param free whether widths differ by layer
 */
record LlamaModel(boolean free) implements Architecture {
  private static final Pattern ROTATED =
      Pattern.compile("model\\.layers\\.(\\d+)\\.self_attn\\.([qk])_proj\\.\\w+");
  private static final String MOE = "block_sparse_moe.";
  private static final String EXPERT = MOE + "experts." + TensorNames.EXPERT;
  private static final TensorNames MIXTRAL =
      TensorNames.LLAMA.with(
          Map.of(
              "ffn_gate_inp", MOE + "gate",
              "ffn_gate", EXPERT + ".w1",
              "ffn_down", EXPERT + ".w2",
              "ffn_up", EXPERT + ".w3",
              "ffn_gate_exps", EXPERT + ".w1",
              "ffn_down_exps", EXPERT + ".w2",
              "ffn_up_exps", EXPERT + ".w3"));

  @Override
  public String embedding() {
    return "model.embed_tokens.weight";
  }

  @Override
  public Set<String> keys() {
    return Set.of("expert_count", "expert_used_count");
  }

  private static int experts(Hyperparameters h) {
    var stated = h.wholeOrNull("expert_count");
    return stated == null ? 0 : stated;
  }

  @Override
  public Optional<String> stored(String name, Hyperparameters h) {
    return (experts(h) > 0 ? MIXTRAL : TensorNames.LLAMA).stored(name);
  }

  @Override
  public List<Part> parts(Entry entry, Hyperparameters h) {
    var names = experts(h) > 0 ? MIXTRAL : TensorNames.LLAMA;
    var name = names.huggingFace(entry.name()).orElse(null);
    if (name == null) {
      return List.of();
    }
    if (!name.contains(TensorNames.EXPERT)) {
      return List.of(Part.whole(name, entry).ordered(order(name, entry, h)));
    }
    return Part.experts(name, entry, experts(h), h);
  }

  private static RowOrder order(String name, Entry entry, Hyperparameters h) {
    var match = ROTATED.matcher(name);
    if (!match.matches()) {
      return RowOrder.AS_STORED;
    }
    int layer = Integer.parseInt(match.group(1));
    var heads = match.group(2).equals("q") ? h.queryHeads() : h.keyValueHeads();
    long rows = entry.extents().length == 0 ? 0 : entry.extents()[0];
    if (layer >= heads.size() || rows != (long) heads.get(layer) * h.headDimension()) {
      throw new InputException(
          "%s: tensor %s has %d rows, which are not the heads of %d that the metadata names",
          h.metadata().file(), entry.name(), rows, h.headDimension());
    }
    return RowOrder.interleaved(h.headDimension());
  }

  @Override
  public void describe(ModelConfig config, Description said) {
    requireLayers(config.layers(), config.where());
    ConfigFields.describeLikeLlama(config, said);
    if (config.known().has("num_local_experts")) {
      said.whole("expert_count", config.size("num_local_experts"))
          .whole("expert_used_count", config.size("num_experts_per_tok"));
    }
  }

  /** Refuses layers that llama.cpp computes differently; see the table above. */
  private static void requireLayers(List<LayerWidths> layers, String where) {
    if (!layers.get(0).attends()) {
      throw new InputException(
          "%s: the first layer has no attention, by which llama.cpp counts how wide heads are:"
              + " leave it there, or export it --for transformers",
          where);
    }
    for (int layer = 0; layer < layers.size(); layer++) {
      var widths = layers.get(layer);
      if (widths.attends() && !widths.hasMlp()) {
        throw new InputException(
            "%s: layer %d has attention and no MLP; llama.cpp loses the attention of such a layer:"
                + " leave a channel of its MLP, or export it --for transformers",
            where, layer);
      }
      if (!widths.hasMlp() && layer == layers.size() - 1) {
        throw new InputException(
            "%s: the last layer has neither attention nor MLP, which llama.cpp does not compute:"
                + " take it out, or export it --for transformers",
            where);
      }
    }
  }

  @Override
  public ObjectNode config(Hyperparameters h, Set<String> names, long vocabulary) {
    boolean inside = names.contains("model.layers.0.self_attn.q_proj.bias");
    if (inside && !names.contains("model.layers.0.self_attn.o_proj.bias")) {
      return new QwenModel("qwen2", "Qwen2ForCausalLM", false).config(h, names, vocabulary);
    }
    if (experts(h) == 0) {
      var config = ConfigFields.likeLlama("llama", "LlamaForCausalLM", h, names, vocabulary);
      config.put("attention_bias", inside);
      config.put("hidden_act", "silu");
      config.put("mlp_bias", names.contains("model.layers.0.mlp.up_proj.bias"));
      return config;
    }
    var config = ConfigFields.likeLlama("mixtral", "MixtralForCausalLM", h, names, vocabulary);
    config.put("hidden_act", "silu");
    config.put("num_experts_per_tok", h.whole("expert_used_count"));
    config.put("num_local_experts", experts(h));
    config.putNull("sliding_window");
    return config;
  }
}
