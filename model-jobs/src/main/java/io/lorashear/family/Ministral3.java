package io.lorashear.family;

import io.lorashear.InputException;
import io.lorashear.graph.ModelGraph;

/**
 * Ministral 3's text model: Mistral extended by YaRN, with queries that grow with the position t,
 * as in Llama 4.
 *
 * <pre>
 *   q ← (1 + β · ln(1 + ⌊t/L⌋)) · q        L: tokens of the texts it was first trained on
 * </pre>
 */
final class Ministral3 implements Family {
  private static final String BETA = "llama_4_scaling_beta";

  private static final Fields FIELDS =
      Fields.rotary(false, 1e-5, 1_000_000)
          .reads("head_dim", 128)
          .reads("hidden_act", "silu")
          .reads("num_key_value_heads", 8)
          .reads("sliding_window")
          .repeats("sliding_window_size", "sliding_window")
          .turnsBy(BETA);

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    var said = RotaryParameters.of(config, RotaryParameters.FULL);
    double beta = said.number(BETA);
    int first = (int) said.number(RotaryParameters.LENGTH);
    if (first < 1) {
      throw new InputException(
          "%s: %s.%s is %d: give a number of tokens from 1",
          config.where(), said.place(), RotaryParameters.LENGTH, first);
    }
    return new Decoder(config)
        .plain(
            SelfAttention.plain().emphasising(keys -> keys.emphasised(beta, first)),
            new GatedMlp(config.activation("hidden_act"), false));
  }
}
