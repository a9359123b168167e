package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.family.ModelConfig;
import io.lorashear.family.RotaryParameters;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * {@code gemma3}, its text model: Gemma 2's norms, and a norm on every head of q and k; norm
 * weights are stored as 1 + w. In each period of layers, all but the last have an attention window
 * and a rotary base of their own.
 *
 * <pre>
 *   scale of scores   1/√(head's dimension), with 62 layers (27B) 1/√(hidden/heads)
 *   scaled positions  only linearly, in layers without a window
 * </pre>
 */
final class Gemma3Model implements Architecture {
  private static final TensorNames NAMES =
      GemmaModel.SECOND.with(
          Map.of("attn_q_norm", "self_attn.q_norm", "attn_k_norm", "self_attn.k_norm"));
  private static final String WINDOW = "attention.sliding_window";
  private static final String PERIOD = "attention.sliding_window_pattern";
  private static final String BASE = "rope.freq_base_swa";
  private static final int USUAL_PERIOD = 6;
  private static final int LAYERS_OF_27B = 62;
  private static final String SLIDES = "sliding_attention";

  @Override
  public String embedding() {
    return "model.embed_tokens.weight";
  }

  @Override
  public Set<String> keys() {
    return Set.of(WINDOW, PERIOD, BASE);
  }

  @Override
  public Optional<String> stored(String name, Hyperparameters h) {
    return NAMES.stored(name).filter(stored -> !stored.endsWith(".bias"));
  }

  @Override
  public List<Part> parts(Entry entry, Hyperparameters h) {
    return GemmaModel.parts(NAMES, entry);
  }

  @Override
  public void describe(ModelConfig config, Description said) {
    var kind = config.rotaryScaling();
    if (!Set.of("default", "linear").contains(kind)) {
      throw new InputException(
          "%s: positions are scaled by '%s', which llama.cpp would do in a gemma3's layers with a"
              + " window too: export it --for transformers",
          config.where(), kind);
    }
    ConfigFields.describeLikeLlama(config, said);
    said.whole(WINDOW, config.size("sliding_window"))
        .whole(PERIOD, period(config))
        .number(BASE, slidingBase(config));
  }

  /**
   * Number of layers up to the first without a window; comparing forward passes finds other
   * patterns.
   */
  private static int period(ModelConfig config) {
    var types = config.fields().path("layer_types");
    if (!types.isArray()) {
      return config.size("sliding_window_pattern");
    }
    int layers = config.layers().size();
    return 1
        + IntStream.range(0, layers)
            .filter(layer -> !types.path(layer).asText().equals(SLIDES))
            .findFirst()
            .orElse(layers);
  }

  private static double slidingBase(ModelConfig config) {
    return config.rotaryByType()
        ? RotaryParameters.of(config, RotaryParameters.SLIDING).theta()
        : config.number("rope_local_base_freq");
  }

  @Override
  public ObjectNode config(Hyperparameters h, Set<String> names, long vocabulary) {
    var config = ConfigFields.likeLlama("gemma3_text", "Gemma3ForCausalLM", h, names, vocabulary);
    var scaling = config.path("rope_scaling").path("rope_type").asText("linear");
    if (!scaling.equals("linear")) {
      throw h.unread("scales a gemma3's rotary frequencies by '" + scaling + "'");
    }
    config.put("attention_bias", false);
    config.put("hidden_activation", GemmaModel.ACTIVATION);
    var kinds = config.putArray("layer_types");
    slides(h).forEach(slides -> kinds.add(slides ? SLIDES : "full_attention"));
    boolean largest = h.layers() == LAYERS_OF_27B;
    config.put(
        "query_pre_attn_scalar", largest ? h.hidden() / h.queryHeads().get(0) : h.headDimension());
    config.put("rope_local_base_freq", h.number(BASE, 10_000));
    config.put("sliding_window", h.whole(WINDOW));
    return config;
  }

  /** Which layers have a window: given by a period or for each layer. */
  private static List<Boolean> slides(Hyperparameters h) {
    if (h.metadata().values().get(h.key(PERIOD)) instanceof Collection<?>) {
      return h.metadata().list(h.key(PERIOD), Boolean.class);
    }
    var stated = h.wholeOrNull(PERIOD);
    int period = stated == null ? USUAL_PERIOD : stated;
    return IntStream.range(0, h.layers())
        .mapToObj(layer -> period == 0 || layer % period < period - 1)
        .toList();
  }
}
