package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.family.ModelConfig;
import io.lorashear.family.RotaryParameters;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code mistral3}: Ministral 3, a Llama whose queries are scaled with the position t; without that
 * scale it is a Mistral.
 *
 * <pre>
 *   q ← (1 + β · ln(1 + ⌊t/L⌋)) · q        β temperature_scale, L original_context_length
 * </pre>
 */
final class Mistral3Model implements Architecture {
  private static final String BETA = "llama_4_scaling_beta";
  private static final String GROWTH = "attention.temperature_scale";

  private final Architecture llama = new LlamaModel(false);

  @Override
  public String embedding() {
    return llama.embedding();
  }

  @Override
  public Set<String> keys() {
    return Set.of(GROWTH, Keys.LOG_MULTIPLIER);
  }

  @Override
  public Optional<String> stored(String name, Hyperparameters h) {
    return llama.stored(name, h).filter(stored -> !stored.endsWith(".bias"));
  }

  @Override
  public List<Part> parts(Entry entry, Hyperparameters h) {
    return llama.parts(entry, h);
  }

  @Override
  public void describe(ModelConfig config, Description said) {
    ConfigFields.describeLikeLlama(config, said);
    var rotary = RotaryParameters.of(config, RotaryParameters.FULL);
    said.number(GROWTH, rotary.number(BETA)).whole(Keys.LENGTH, rotary.length());
  }

  @Override
  public ObjectNode config(Hyperparameters h, Set<String> names, long vocabulary) {
    double beta = h.number(GROWTH, 0);
    var config =
        beta == 0
            ? ConfigFields.likeLlama("mistral", "MistralForCausalLM", h, names, vocabulary)
            : ConfigFields.likeLlama("ministral3", "Ministral3ForCausalLM", h, names, vocabulary);
    config.put("hidden_act", "silu");
    config.putNull("sliding_window");
    if (beta != 0) {
      var scaling =
          config.get("rope_scaling") instanceof ObjectNode scaled
              ? scaled
              : config.putObject("rope_scaling").put("rope_type", "default");
      var first = h.wholeOrNull(Keys.LENGTH);
      scaling.put(BETA, beta);
      scaling.put(RotaryParameters.LENGTH, first == null ? h.whole("context_length") : first);
    }
    return config;
  }
}
