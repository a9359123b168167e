package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * {@code llama}: Llama and Mistral, and where there are experts Mixtral. The converter puts the
 * rows of a head's queries and keys in another order, since llama.cpp turns neighbours.
 */
final class LlamaModel implements Architecture {
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
  public List<Part> parts(Entry entry, Hyperparameters h) {
    var names = experts(h) > 0 ? MIXTRAL : TensorNames.LLAMA;
    var name = names.huggingFace(entry.name()).orElse(null);
    if (name == null) {
      return List.of();
    }
    if (!name.contains(TensorNames.EXPERT)) {
      return List.of(Part.whole(name, entry).ordered(order(name, entry, h)));
    }
    var extents = entry.extents();
    if (extents.length != 3 || extents[0] != experts(h)) {
      throw new InputException(
          "%s: tensor %s has the shape %s, not that of %d matrices, one an expert",
          h.metadata().file(), entry.name(), Arrays.toString(extents), experts(h));
    }
    return IntStream.range(0, experts(h))
        .mapToObj(
            expert -> Part.slice(name.replace(TensorNames.EXPERT, "" + expert), entry, expert))
        .toList();
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
  public ObjectNode config(Hyperparameters h, Set<String> names, long vocabulary) {
    if (experts(h) == 0) {
      var config = ConfigFields.likeLlama("llama", "LlamaForCausalLM", h, names, vocabulary);
      config.put("attention_bias", names.contains("model.layers.0.self_attn.q_proj.bias"));
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
