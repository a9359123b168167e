package io.lorashear.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.graph.Activation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The config.json of a model. Widths may differ by layer, in any of the forms that {@link
 * PublishedFields} reads; {@link ConfigForm} writes them. Fields are looked up by their usual
 * names; a family may have other names for them.
 *
 * @param fields the file's object in the family's field names, with widths by layer in {@code
 *     per_layer_config}; never changed
 * @param layers widths, first layer first
 * @param where the file, for messages
 */
public record ModelConfig(ObjectNode fields, List<LayerWidths> layers, String where) {
  /** Widths by layer, {"3": {…}}, as they are in {@link #fields()}. */
  static final String LAYERS = "per_layer_config";

  private static final int LARGEST = 1 << 24;
  private static final int MOST_MLPS = 1 << 16;

  /**
   * Reads the widths.
   *
   * @throws InputException when the family or a field is not known, a value is not understood or
   *     out of range, or heads do not divide
   */
  public static ModelConfig parse(ObjectNode fields, String where) {
    var config = new ModelConfig(PublishedFields.read(fields, where), List.of(), where);
    config.known().check(config);
    var each = new LayerFields(config);
    var own = config.fields.path(LAYERS);
    var layers = new ArrayList<LayerWidths>();
    long mlps = 0;
    for (int layer = 0; layer < config.size("num_hidden_layers"); layer++) {
      layers.add(each.read(layer, own.path(Integer.toString(layer))));
      mlps += layers.get(layer).mlps().size();
      if (mlps > MOST_MLPS) {
        throw new InputException(
            "%s: its layers have more than %d MLPs, experts counted: no model is that large",
            where, MOST_MLPS);
      }
    }
    return new ModelConfig(config.fields, List.copyOf(layers), where);
  }

  /** Whether the layer has no experts, even if others have. */
  boolean plain(int layer) {
    return known().plain(this, layer);
  }

  /** The fields that the model's family knows. */
  public Fields known() {
    return Family.of(this).fields();
  }

  /** The family's name, for example "llama". */
  public String modelType() {
    return text("model_type");
  }

  /** Channels of the residual stream. */
  public int hiddenSize() {
    return size("hidden_size");
  }

  /** Rows of the embedding. */
  public int vocabularySize() {
    return size("vocab_size");
  }

  /** Dimension of a head; hidden size / heads by default. */
  public int headDimension() {
    return size("head_dim", hiddenSize() / size("num_attention_heads"));
  }

  /** The longest sequence the model was made for, in tokens. */
  public int maximumPositions() {
    return known().has("rope_scaling") ? RotaryFrequencies.longest(this) : statedPositions();
  }

  /** The kind of scaling of rotary positions, for example "yarn"; "default" if there is none. */
  public String rotaryScaling() {
    return known().has("rope_scaling")
        ? RotaryParameters.of(this, RotaryParameters.FULL).kind()
        : "default";
  }

  /** Whether rotary positions are given for each type of layer. */
  public boolean rotaryByType() {
    return known().has("rope_parameters") && RotaryParameters.byType(this);
  }

  /**
   * {@code max_position_embeddings}, 2048 by default; it may not include what scaled rotary
   * positions add.
   */
  public int statedPositions() {
    return size("max_position_embeddings", 2048);
  }

  /** Whether the head uses the embedding's weight. */
  public boolean tiedEmbeddings() {
    return flag("tie_word_embeddings");
  }

  /**
   * How many positions back a layer attends to, its own included; null if to all.
   *
   * @param otherwise whether the layer has a window if {@code layer_types} does not say
   */
  @Nullable Integer window(int layer, boolean otherwise) {
    var types = fields.path("layer_types");
    boolean slides = otherwise;
    boolean alternating = known().has("layer_types");
    if (types.isArray() && alternating) {
      var type = types.path(layer).asText("none");
      if (!type.equals("sliding_attention") && !type.equals("full_attention")) {
        throw new InputException(
            "%s: layer_types has %s for layer %d: known are full_attention, sliding_attention",
            where, type, layer);
      }
      slides = type.equals("sliding_attention");
    }
    boolean silent = !fields.has("sliding_window");
    var size = silent ? known().otherwise("sliding_window") : fields.get("sliding_window");
    boolean bounded = slides && !size.isMissingNode() && !size.isNull();
    if (bounded && types.isArray() && !alternating) {
      throw new InputException(
          "%s: layer_types says full_attention, but the sliding_window of %s holds in all layers of"
              + " a %s model: set sliding_window to null if there is none",
          where, size, modelType());
    }
    return bounded ? Integer.valueOf(size("sliding_window", size)) : null;
  }

  /** An elementwise function by its name in transformers. */
  Activation activation(String field) {
    var name = value(field).asText();
    return switch (name) {
      case "silu", "swish" -> Activation.SILU;
      case "gelu" -> Activation.GELU;
      case "gelu_new", "gelu_pytorch_tanh", "gelu_fast" -> Activation.GELU_TANH;
      case "relu" -> Activation.RELU;
      default ->
          throw new InputException(
              "%s: %s is %s: known are gelu, gelu_fast, gelu_new, gelu_pytorch_tanh, relu, silu,"
                  + " swish",
              where, known().name(field), name);
    };
  }

  /** The value of a field, or its default if the file does not have it or has null. */
  private JsonNode value(String field) {
    for (var name : known().spellings(field)) {
      if (fields.hasNonNull(name)) {
        return fields.get(name);
      }
    }
    return known().otherwise(field);
  }

  private JsonNode needed(String field) {
    var value = value(field);
    if (value.isMissingNode()) {
      throw new InputException(
          "%s has no %s: this model cannot be built without it", where, known().name(field));
    }
    return value;
  }

  /** Whether the field has a value, in the file or by the family's default. */
  public boolean has(String field) {
    return !value(field).isMissingNode();
  }

  /** A whole number of at least 1, which is required. */
  public int size(String field) {
    return size(field, needed(field));
  }

  /** A whole number of at least 1. */
  public int size(String field, int otherwise) {
    var value = value(field);
    return value.isMissingNode() ? otherwise : size(field, value);
  }

  /** The same for a value from elsewhere. */
  int size(String field, JsonNode value) {
    if (!value.isIntegralNumber() || value.asLong() < 1 || value.asLong() > LARGEST) {
      throw new InputException(
          "%s: %s is %s: give a whole number from 1 to %d",
          where, known().name(field), value, LARGEST);
    }
    return value.asInt();
  }

  /** A number, which is required. */
  public double number(String field) {
    var value = needed(field);
    if (!value.isNumber()) {
      throw new InputException("%s: %s is %s: give a number", where, known().name(field), value);
    }
    return value.asDouble();
  }

  /** A boolean, which is required. */
  public boolean flag(String field) {
    var value = needed(field);
    if (!value.isBoolean()) {
      throw new InputException(
          "%s: %s is %s: give true or false", where, known().name(field), value);
    }
    return value.asBoolean();
  }

  /** A text, which is required. */
  public String text(String field) {
    if (!fields.path(field).isTextual()) {
      throw new InputException("%s has no %s: this model cannot be built without it", where, field);
    }
    return fields.get(field).asText();
  }

  /**
   * The same model with other widths. Widths that plain fields can express are only there;
   * otherwise {@code per_layer_config} has those of every layer, and the plain fields have the
   * widest layer's.
   */
  public ModelConfig withLayers(List<LayerWidths> widths) {
    var copy = fields.deepCopy();
    copy.remove(LAYERS);
    if (known().storesHeadDimension()) {
      copy.put("head_dim", headDimension());
    }
    var each = new LayerFields(this);
    each.writePlainly(copy, widest(widths));
    if (!known().storesHeadDimension()) {
      copy.put(known().name("num_attention_heads"), hiddenSize() / headDimension());
    }
    int plain = most(part(widths, true), LayerWidths::channels);
    if (plain > 0) {
      copy.put(LayerFields.PLAIN, plain);
    }
    if (!stock(widths)) {
      var layers = copy.putObject(LAYERS);
      for (int layer = 0; layer < widths.size(); layer++) {
        each.write(layers.putObject(Integer.toString(layer)), layer, widths.get(layer));
      }
    }
    return new ModelConfig(copy, List.copyOf(widths), where);
  }

  /** The same model with another number of tokens. */
  public ModelConfig withVocabulary(int tokens) {
    return new ModelConfig(
        fields.deepCopy().put(known().name("vocab_size"), tokens), layers, where);
  }

  private LayerWidths widest(List<LayerWidths> widths) {
    var others = part(widths, false);
    int experts = most(others, layer -> layer.mlps().size());
    return new LayerWidths(
        most(widths, LayerWidths::queryHeads),
        most(widths, LayerWidths::keyValueHeads),
        Collections.nCopies(experts, most(others, LayerWidths::channels)));
  }

  /** Whether all layers with experts have the same widths, and so have all layers without. */
  public boolean uniform() {
    return uniform(layers);
  }

  /** Whether the family's plain fields can express the widths. */
  public boolean stock() {
    return stock(layers);
  }

  private boolean stock(List<LayerWidths> widths) {
    int filling = hiddenSize() / headDimension();
    return uniform(widths)
        && (known().storesHeadDimension()
            || widths.stream().allMatch(layer -> layer.queryHeads() == filling));
  }

  private boolean uniform(List<LayerWidths> widths) {
    long heads =
        widths.stream()
            .map(layer -> List.of(layer.queryHeads(), layer.keyValueHeads()))
            .distinct()
            .count();
    boolean whole = widths.stream().allMatch(layer -> layer.attends() && layer.hasMlp());
    return whole && heads <= 1 && even(part(widths, true)) && even(part(widths, false));
  }

  private static boolean even(List<LayerWidths> widths) {
    return new HashSet<>(widths).size() <= 1
        && widths.stream().allMatch(layer -> new HashSet<>(layer.mlps()).size() == 1);
  }

  /** The plain layers, or all others. */
  private List<LayerWidths> part(List<LayerWidths> widths, boolean plain) {
    return IntStream.range(0, widths.size())
        .filter(layer -> plain(layer) == plain)
        .mapToObj(widths::get)
        .toList();
  }

  private static int most(List<LayerWidths> widths, ToIntFunction<LayerWidths> width) {
    return widths.stream().mapToInt(width).max().orElse(0);
  }
}
