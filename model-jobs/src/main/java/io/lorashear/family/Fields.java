package io.lorashear.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.lorashear.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * The fields that one family's config.json may have: those its forward pass reads, with their
 * defaults; those that are understood with certain values only; those that have no effect. Any
 * other field could change the result, so it is refused.
 */
public final class Fields {
  private static final List<String> SIZES =
      List.of(
          "head_dim",
          "hidden_size",
          "intermediate_size",
          "max_position_embeddings",
          "num_attention_heads",
          "num_hidden_layers",
          "vocab_size");

  private final Set<String> known = new HashSet<>(List.of("model_type"));
  private final Map<String, String> names = new HashMap<>();
  private final Set<String> apart = new HashSet<>();
  private final Set<String> rotary = new HashSet<>();
  private final Map<String, JsonNode> defaults = new HashMap<>();
  private final Map<String, String> repeats = new HashMap<>();
  private BiPredicate<ModelConfig, Integer> plain = (config, layer) -> false;
  private int channels;
  private boolean headDimension = true;

  private Fields() {
    known.addAll(SIZES);
    known.add("per_layer_config");
  }

  /** Sizes, and whether the head is tied by default. */
  static Fields tied(boolean tied) {
    return new Fields().reads("tie_word_embeddings", tied);
  }

  /** Fields common to families with grouped heads, rotary positions and RMS norms. */
  static Fields rotary(boolean tied, double epsilon, double theta) {
    return tied(tied)
        .reads("num_key_value_heads")
        .reads("rms_norm_eps", epsilon)
        .reads("rope_theta", theta)
        .reads("rope_scaling")
        .reads("rope_parameters");
  }

  /** A field that is read; if it is missing, it is derived from others. */
  Fields reads(String name) {
    known.add(name);
    return this;
  }

  Fields reads(String name, boolean otherwise) {
    return reads(name, JsonNodeFactory.instance.booleanNode(otherwise));
  }

  Fields reads(String name, int otherwise) {
    return reads(name, JsonNodeFactory.instance.numberNode(otherwise));
  }

  Fields reads(String name, double otherwise) {
    return reads(name, JsonNodeFactory.instance.numberNode(otherwise));
  }

  Fields reads(String name, String otherwise) {
    return reads(name, JsonNodeFactory.instance.textNode(otherwise));
  }

  private Fields reads(String name, JsonNode otherwise) {
    defaults.put(name, otherwise);
    return reads(name);
  }

  /** Fields without effect on this family's forward pass, besides those without effect on any. */
  Fields ignores(String... without) {
    known.addAll(Arrays.asList(without));
    return this;
  }

  /** A field that must have the value of {@code other}. */
  Fields repeats(String name, String other) {
    repeats.put(name, other);
    return this;
  }

  /**
   * What other families call {@code usual} is {@code own} here; {@code own} counts if both are
   * there.
   */
  Fields calls(String usual, String own) {
    names.put(usual, own);
    return reads(usual).reads(own);
  }

  /** The same, but {@code usual} is never read in place of {@code own}. */
  Fields callsOnly(String usual, String own) {
    apart.add(usual);
    return calls(usual, own);
  }

  /** A field that only this family's rotary parameters may have. */
  Fields turnsBy(String name) {
    rotary.add(name);
    return this;
  }

  /** Whether this family's rotary parameters may have the field, whatever their kind. */
  boolean turnsByOwn(String name) {
    return rotary.contains(name);
  }

  /** Which layers of a model with experts have one MLP of {@code intermediate_size} instead. */
  Fields plainWhere(BiPredicate<ModelConfig, Integer> layers) {
    plain = layers;
    return this;
  }

  /** See {@link #plainWhere}. */
  boolean plain(ModelConfig config, int layer) {
    return plain.test(config, layer);
  }

  /** By default an MLP has {@code times} as many channels as the residual stream. */
  Fields channels(int times) {
    channels = times;
    return this;
  }

  /** See {@link #channels(int)}; 0 if the file must specify it. */
  int channels() {
    return channels;
  }

  /** The head dimension is hidden size / heads: other programs do not support another. */
  Fields derivesHeadDimension() {
    headDimension = false;
    return this;
  }

  /** Whether a file of this family can specify a head dimension that other programs read. */
  public boolean storesHeadDimension() {
    return headDimension;
  }

  /** This family's name for a field. */
  String name(String usual) {
    return names.getOrDefault(usual, usual);
  }

  /** The names that a field may have, in order of precedence. */
  List<String> spellings(String usual) {
    return apart.contains(usual) ? List.of(name(usual)) : List.of(name(usual), usual);
  }

  /** The fields that this family's files may have. */
  Set<String> names() {
    return Collections.unmodifiableSet(known);
  }

  /** Whether this family has the field, by its usual name. */
  public boolean has(String usual) {
    return known.contains(name(usual));
  }

  /** The default of a field; a missing node if it has none. */
  JsonNode otherwise(String usual) {
    return defaults.getOrDefault(usual, MissingNode.getInstance());
  }

  /** Refuses unknown fields and values that are not understood, all of them at once. */
  void check(ModelConfig config) {
    Quantization.of(config.fields())
        .ifPresent(
            how -> {
              throw how.refusal(config.where());
            });
    var problems = new ArrayList<String>();
    config.fields().fields().forEachRemaining(field -> problems.addAll(problem(config, field)));
    if (!problems.isEmpty()) {
      throw new InputException(
          "%s: %s of a %s model could change the result and %s not known here:\n  %s",
          config.where(),
          problems.size() == 1 ? "a field" : problems.size() + " fields",
          config.modelType(),
          problems.size() == 1 ? "is" : "are",
          String.join("\n  ", problems));
    }
    config
        .fields()
        .path("per_layer_config")
        .fields()
        .forEachRemaining(layer -> checkLayer(config, layer.getKey(), layer.getValue()));
  }

  /** What is wrong with a field, or nothing. */
  private List<String> problem(ModelConfig config, Map.Entry<String, JsonNode> field) {
    var name = field.getKey();
    var value = field.getValue();
    if (Quantization.FIELDS.contains(name)) {
      return List.of(); // without effect, else it was refused before
    }
    var twin = twin(config, repeats.getOrDefault(name, ""));
    if (known.contains(name) || value.equals(twin) || WithoutEffect.has(name, value)) {
      return List.of();
    }
    var rest = twin.isMissingNode() ? WithoutEffect.restOf(name) : twin.toString();
    return List.of(
        rest.isEmpty()
            ? "%s is %s: take the field out if it does not matter".formatted(name, brief(value))
            : "%s is %s: known is only %s".formatted(name, brief(value), rest));
  }

  private JsonNode twin(ModelConfig config, String name) {
    return config.fields().has(name) ? config.fields().get(name) : otherwise(name);
  }

  private static String brief(JsonNode value) {
    var text = value.toString();
    return text.length() <= 60 ? text : text.substring(0, 59) + "…";
  }

  private void checkLayer(ModelConfig config, String layer, JsonNode own) {
    var widths = new LayerFields(config).names();
    own.fieldNames()
        .forEachRemaining(
            name -> {
              if (!widths.contains(name)) {
                throw new InputException(
                    "%s: layer %s has the field %s of its own: known are %s",
                    config.where(), layer, name, String.join(", ", widths));
              }
            });
  }
}
