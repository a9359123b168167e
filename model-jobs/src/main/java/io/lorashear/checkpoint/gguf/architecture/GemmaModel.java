package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.family.ModelConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * {@code gemma} and {@code gemma2}. Gemma's norms multiply by 1 + w; the converter stores that sum.
 *
 * @param second Gemma 2: norms before and after, capped logits, every other layer with a window
 */
record GemmaModel(boolean second) implements Architecture {
  static final TensorNames SECOND =
      TensorNames.LLAMA.with(
          Map.of(
              "post_attention_norm", "post_attention_layernorm",
              "ffn_norm", "pre_feedforward_layernorm",
              "post_ffw_norm", "post_feedforward_layernorm"));
  static final String ACTIVATION = "gelu_pytorch_tanh";
  private static final int LAYERS_OF_27B = 46;

  @Override
  public String embedding() {
    return "model.embed_tokens.weight";
  }

  @Override
  public Set<String> keys() {
    return second
        ? Set.of(
            "attention.sliding_window",
            "attention.sliding_window_pattern",
            "attn_logit_softcapping",
            "final_logit_softcapping")
        : Set.of();
  }

  @Override
  public Optional<String> stored(String name, Hyperparameters h) {
    return (second ? SECOND : TensorNames.LLAMA)
        .stored(name)
        .filter(stored -> !stored.endsWith(".bias"));
  }

  @Override
  public List<Part> parts(Entry entry, Hyperparameters h) {
    return parts(second ? SECOND : TensorNames.LLAMA, entry);
  }

  /** The parts of a Gemma model of any version. */
  static List<Part> parts(TensorNames names, Entry entry) {
    return names.huggingFace(entry.name()).stream()
        .map(name -> Part.whole(name, entry).plus(name.endsWith("norm.weight") ? -1 : 0))
        .toList();
  }

  @Override
  public void describe(ModelConfig config, Description said) {
    ConfigFields.describeLikeLlama(config, said);
    if (second) {
      for (var cap : List.of("attn_logit_softcapping", "final_logit_softcapping")) {
        if (config.fields().path(cap).isNull()) {
          throw new InputException(
              "%s: %s is null, but llama.cpp caps the logits of every gemma2: export it --for"
                  + " transformers",
              config.where(), cap);
        }
        said.number(cap, config.number(cap));
      }
      said.whole("attention.sliding_window", config.size("sliding_window"));
    }
  }

  @Override
  public ObjectNode config(Hyperparameters h, Set<String> names, long vocabulary) {
    if (!second) {
      var config = ConfigFields.likeLlama("gemma", "GemmaForCausalLM", h, names, vocabulary);
      config.put("attention_bias", false);
      config.put("hidden_act", ACTIVATION).put("hidden_activation", ACTIVATION);
      return config;
    }
    var config = ConfigFields.likeLlama("gemma2", "Gemma2ForCausalLM", h, names, vocabulary);
    config.put("attention_bias", false);
    config.put("attn_logit_softcapping", h.number("attn_logit_softcapping", 50));
    config.put("final_logit_softcapping", h.number("final_logit_softcapping", 30));
    config.put("hidden_activation", ACTIVATION);
    var kinds = config.putArray("layer_types");
    for (int layer = 0; layer < h.layers(); layer++) {
      kinds.add(layer % 2 == 0 ? "sliding_attention" : "full_attention");
    }
    checkPattern(h);
    config.put("query_pre_attn_scalar", queryScalar(h));
    config.put("sliding_window", h.whole("attention.sliding_window"));
    return config;
  }

  /** Checks that, if the file says which layers have a window, it is every other layer. */
  private static void checkPattern(Hyperparameters h) {
    var key = h.key("attention.sliding_window_pattern");
    var stated = h.metadata().values().get(key);
    var expected = IntStream.range(0, h.layers()).mapToObj(layer -> layer % 2 == 0).toList();
    if (stated != null && !stated.equals(2L) && !stated.equals(expected)) {
      throw new InputException(
          "%s: the metadata %s is %s, but in a gemma2 every other layer has a window, from the"
              + " first on: use the model's Hugging Face directory",
          h.metadata().file(), key, stated);
    }
  }

  /**
   * The scale of queries, which the file does not contain; only Gemma 2's 27B differs from the head
   * dimension.
   */
  private static int queryScalar(Hyperparameters h) {
    return h.layers() == LAYERS_OF_27B ? h.hidden() / h.queryHeads().get(0) : h.headDimension();
  }
}
