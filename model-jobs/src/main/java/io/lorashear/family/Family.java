package io.lorashear.family;

import io.lorashear.InputException;
import io.lorashear.graph.ModelGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** One kind of model: it knows how to write its forward pass, nothing else. */
public interface Family {

  /** Records the forward pass of a model of this configuration. */
  ModelGraph trace(ModelConfig config);

  /** The fields that its config.json may have. */
  Fields fields();

  /** The name of its class in transformers. */
  default String architecture() {
    return getClass().getSimpleName() + "ForCausalLM";
  }

  /**
   * The configuration of {@code smaller}, the compressed graph of this family's model of {@code
   * config}. Axes have the same names in all families: {@code layers.3.attention.kvHeads}, {@code
   * layers.3.attention.group}, {@code layers.3.mlp.channels}, {@code layers.3.experts}, {@code
   * layers.3.experts.0.channels}, {@code hidden}, {@code vocabulary}; a layer without such axes has
   * lost that part.
   */
  default ModelConfig resized(ModelConfig config, ModelGraph smaller) {
    var sizes = smaller.sizes();
    var widths = new ArrayList<LayerWidths>();
    for (int layer = 0; layer < config.layers().size(); layer++) {
      var place = "layers." + layer + ".";
      int keys = sizes.getOrDefault(place + "attention.kvHeads", 0);
      int group = sizes.getOrDefault(place + "attention.group", 1); // a group of 1 has no axis
      var mlps =
          sizes.containsKey(place + "experts")
              ? IntStream.range(0, width(sizes, place + "experts"))
                  .mapToObj(expert -> width(sizes, place + "experts." + expert + ".channels"))
                  .toList()
              : List.of(sizes.getOrDefault(place + "mlp.channels", 0));
      widths.add(new LayerWidths(keys * group, keys, mlps));
    }
    var resized = config.withLayers(widths);
    int tokens = width(sizes, "vocabulary");
    if (tokens != config.vocabularySize()) {
      resized = resized.withVocabulary(tokens);
    }
    int hidden = width(sizes, "hidden");
    if (hidden != config.hiddenSize()) {
      double shrunk = (double) config.hiddenSize() / hidden; // N/N′, as the norms' ε
      resized.fields().put("hidden_size", hidden);
      resized.fields().put("rms_norm_eps", config.number("rms_norm_eps") * shrunk);
    }
    return resized;
  }

  private static int width(Map<String, Integer> sizes, String axis) {
    var size = sizes.get(axis);
    if (size == null) {
      throw new IllegalArgumentException("the model has no axis " + axis);
    }
    return size;
  }

  /** The family that {@code config} names. */
  static Family of(ModelConfig config) {
    var family = Families.KNOWN.get(config.modelType());
    if (family == null) {
      requireTextOnly(config);
      throw new InputException(
          "%s: model_type is %s: known are %s",
          config.where(), config.modelType(), String.join(", ", names()));
    }
    return family;
  }

  /** Refuses a multimodal model and tells how to extract its text part. */
  private static void requireTextOnly(ModelConfig config) {
    var text = config.fields().path("text_config").path("model_type").asText();
    if (Families.KNOWN.containsKey(text)) {
      throw new InputException(
          "%s: model_type is %s, a model of more than text; its text part, of type %s, is read"
              + " where it stands alone. With transformers: m ="
              + " AutoModelForImageTextToText.from_pretrained(old); t ="
              + " AutoModelForCausalLM.from_config(m.config.text_config); t.model ="
              + " m.model.language_model; t.lm_head = m.lm_head; t.save_pretrained(new)",
          config.where(), config.modelType(), text);
    }
  }

  /** The model types that are known, in alphabetical order. */
  static List<String> names() {
    return List.copyOf(Families.KNOWN.keySet());
  }
}
