package io.lorashear.family;

import io.lorashear.InputException;
import io.lorashear.graph.Activation;
import io.lorashear.graph.ModelGraph;

/**
 * Gemma 1 (arXiv 2403.08295): Llama with scaled embeddings, norms whose weight is stored as its
 * difference from one, and GELU gates.
 *
 * <pre>
 *   x ← √hidden · embed(ids)
 *   x ← x + attention(norm(x)),   x ← x + mlp(norm(x))        norm: (1 + w) · x/rms(x)
 *   logits ← head(norm(x))
 * </pre>
 */
final class Gemma implements Family {
  private static final Fields FIELDS =
      Fields.rotary(true, 1e-6, 10_000)
          .reads("attention_bias", false)
          .reads("head_dim", 256)
          .reads("hidden_act", "gelu_pytorch_tanh")
          .reads("hidden_activation")
          .reads("num_key_value_heads", 16);

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    boolean biased = config.flag("attention_bias");
    var layer =
        new PreNorm(
            SelfAttention.plain().biased(biased, biased), new GatedMlp(gate(config), false), 1);
    var d = new Decoder(config);
    var x = d.layers(d.g().rootScale(d.embed()), layer); // (B, T, hidden)
    return d.g().build(d.head(d.norm(x, 1))); // (B, T, vocabulary)
  }

  /** The first checkpoints say {@code gelu} and were trained with its tanh approximation. */
  private static Activation gate(ModelConfig config) {
    if (config.has("hidden_activation")) {
      return config.activation("hidden_activation");
    }
    var old = config.activation("hidden_act");
    if (old != Activation.GELU && old != Activation.GELU_TANH) {
      throw new InputException(
          "%s: hidden_act is %s: of a gemma model only gelu or gelu_pytorch_tanh is known; say"
              + " another as hidden_activation",
          config.where(), config.fields().path("hidden_act"));
    }
    return Activation.GELU_TANH;
  }
}
