package io.lorashear.family;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.family.SelfAttention.Norm;
import io.lorashear.graph.ModelGraph;

/**
 * Gemma 3's text model (arXiv 2503.19786): Gemma 2 with a norm on every head of q and k instead of
 * soft-capped scores, five layers with a sliding window for each one without, and separate rotary
 * frequencies for the two kinds of layer.
 *
 * <pre>
 *   x ← √hidden · embed(ids)
 *   x ← x + norm(attention(norm(x))),   x ← x + norm(mlp(norm(x)))
 *   logits ← head(norm(x))
 *   θ = rope_local_base_freq in layers with a window, else rope_theta, and scaled
 * </pre>
 */
final class Gemma3 implements Family {
  private static final String PARAMETERS = "rope_parameters";

  private static final Fields FIELDS =
      Fields.rotary(true, 1e-6, 1_000_000)
          .reads("attention_bias", false)
          .reads("attn_logit_softcapping")
          .reads("final_logit_softcapping")
          .reads("head_dim", 256)
          .reads("hidden_activation", "gelu_pytorch_tanh")
          .reads("layer_types")
          .reads("num_key_value_heads", 4)
          .reads("query_pre_attn_scalar", 256)
          .reads("rope_local_base_freq", 10_000)
          .reads("sliding_window", 4096)
          .reads("sliding_window_pattern", 6)
          .ignores("hidden_act", "_sliding_window_pattern"); // the latter comes with layer_types

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    boolean biased = config.flag("attention_bias");
    int pattern = config.size("sliding_window_pattern");
    double scale = 1 / Math.sqrt(config.number("query_pre_attn_scalar"));
    var attention =
        SelfAttention.plain()
            .biased(biased, biased)
            .normed(Norm.HEAD, 1)
            .sliding(layer -> (layer + 1) % pattern != 0)
            .scored(scale, Gemma2.cap(config, "attn_logit_softcapping"));
    var mlp = new GatedMlp(config.activation("hidden_activation"), false);
    var d = new Decoder(spelledOut(config));
    var x = d.layers(d.g().rootScale(d.embed()), new Sandwich(attention, mlp)); // (B, T, hidden)
    var logits = d.head(d.norm(x, 1)); // (B, T, vocabulary)
    return d.g().build(Gemma2.capped(d, logits, Gemma2.cap(config, "final_logit_softcapping")));
  }

  /** The same with the rotary parameters of both types of layer, as current files write them. */
  static ModelConfig spelledOut(ModelConfig config) {
    var fields = config.fields().deepCopy();
    var said = fields.path(PARAMETERS);
    var both = said.isObject() ? (ObjectNode) said : JsonNodeFactory.instance.objectNode();
    for (var field : both.properties()) {
      if (!field.getValue().isObject() && !field.getValue().isNull()) {
        throw new InputException(
            "%s: rope_parameters.%s is %s: a gemma3_text model has objects full_attention and"
                + " sliding_attention there",
            config.where(), field.getKey(), field.getValue());
      }
    }
    var full = theta(both, RotaryParameters.FULL, config.number("rope_theta"));
    theta(both, RotaryParameters.SLIDING, config.number("rope_local_base_freq"));
    if (fields.path("rope_scaling").isObject()) {
      full.setAll((ObjectNode) fields.remove("rope_scaling"));
    }
    fields.set(PARAMETERS, both);
    return new ModelConfig(fields, config.layers(), config.where());
  }

  private static ObjectNode theta(ObjectNode both, String layers, double theta) {
    var own = both.path(layers).isObject() ? (ObjectNode) both.get(layers) : both.putObject(layers);
    return own.hasNonNull("rope_theta") ? own : own.put("rope_theta", theta);
  }
}
