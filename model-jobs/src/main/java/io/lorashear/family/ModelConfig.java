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
 * What config.json says of a model. Widths may differ by layer: they are read from {@code
 * per_layer_config} ({"3": {"intermediate_size": 1228, "num_attention_heads": 6,
 * "num_key_value_heads": 2}}; experts of several widths as a list), and where a layer or field is
 * not named there, from the plain fields; {@code "skip": ["attention"]} or {@code ["mlp"]} names
 * parts that a layer has lost. Fields are asked for by their usual names; a family may have others
 * for them.
 *
 * @param fields the file's object; not changed by anybody
 * @param layers widths, first layer first
 * @param where the file, for messages
 */
public record ModelConfig(ObjectNode fields, List<LayerWidths> layers, String where) {
  private static final String PLAIN = "intermediate_size";
  private static final int LARGEST = 1 << 24;
  private static final int MOST_MLPS = 1 << 16;

  /**
   * Reads the widths.
   *
   * @throws InputException when the family or a field is not known, a value is not understood or
   *     out of range, or heads do not divide
   */
  public static ModelConfig parse(ObjectNode fields, String where) {
    var config = new ModelConfig(fields, List.of(), where);
    config.known().check(config);
    var layers = new ArrayList<LayerWidths>();
    long mlps = 0;
    for (int layer = 0; layer < config.size("num_hidden_layers"); layer++) {
      layers.add(config.widths(layer));
      mlps += layers.get(layer).mlps().size();
      if (mlps > MOST_MLPS) {
        throw new InputException(
            "%s: its layers have more than %d MLPs, experts counted: no model is that large",
            where, MOST_MLPS);
      }
    }
    return new ModelConfig(fields, List.copyOf(layers), where);
  }

  private LayerWidths widths(int layer) {
    var own = fields.path("per_layer_config").path(Integer.toString(layer));
    int queries = width(own, "num_attention_heads", size("num_attention_heads"));
    int keys = width(own, "num_key_value_heads", keys(queries));
    if (queries % keys != 0) {
      throw new InputException(
          "%s: layer %d has %d query heads for %d key-value heads: the first must be a multiple of"
              + " the second",
          where, layer, queries, keys);
    }
    if ((long) queries * headDimension() > LARGEST) {
      throw new InputException(
          "%s: layer %d has %d query heads of %d numbers: at most %d numbers in all are known",
          where, layer, queries, headDimension(), LARGEST);
    }
    int experts = 1;
    if (known().has("num_local_experts") && !plain(layer)) {
      experts = width(own, "num_local_experts", size("num_local_experts"));
    }
    return new LayerWidths(queries, keys, mlps(own, layer, experts))
        .without(own.path(LayerWidths.SKIP), where + ": layer " + layer);
  }

  /** Whether the layer has no experts, though others may have. */
  boolean plain(int layer) {
    return known().plain(this, layer);
  }

  /** As many key-value heads as query heads where the file says null. */
  private int keys(int queries) {
    boolean none = fields.path("num_key_value_heads").isNull();
    return none ? queries : size("num_key_value_heads", queries);
  }

  private List<Integer> mlps(JsonNode own, int layer, int experts) {
    var sizes = own.path(known().name("intermediate_size"));
    if (!sizes.isArray()) {
      return Collections.nCopies(experts, width(own, "intermediate_size", channels(layer)));
    }
    if (sizes.size() != experts) {
      throw new InputException(
          "%s: layer %d has %d experts, but its %s names %d",
          where, layer, experts, known().name("intermediate_size"), sizes.size());
    }
    var mlps = new ArrayList<Integer>();
    sizes.forEach(size -> mlps.add(size("intermediate_size", size)));
    return List.copyOf(mlps);
  }

  private int width(JsonNode own, String field, int otherwise) {
    var value = own.path(known().name(field));
    return value.isMissingNode() ? otherwise : size(field, value);
  }

  private int channels(int layer) {
    if (plain(layer)) {
      return size(PLAIN, fields.path(PLAIN));
    }
    return known().channels() == 0
        ? size("intermediate_size")
        : size("intermediate_size", known().channels() * hiddenSize());
  }

  /** What the model's family knows. */
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

  /** Numbers a head's vector has; hidden size over heads where nothing else is said. */
  public int headDimension() {
    return size("head_dim", hiddenSize() / size("num_attention_heads"));
  }

  /** The longest sequence the model was made for, in tokens. */
  public int maximumPositions() {
    return known().has("rope_scaling") ? RotaryFrequencies.longest(this) : statedPositions();
  }

  /** The kind of scaling of rotary positions, as "yarn"; "default" where there is none. */
  public String rotaryScaling() {
    return known().has("rope_scaling")
        ? RotaryParameters.of(this, RotaryParameters.FULL).kind()
        : "default";
  }

  /** Whether rotary positions are told apart by type of layer. */
  public boolean rotaryByType() {
    return known().has("rope_parameters") && RotaryParameters.byType(this);
  }

  /** The fields as a file has them for readers of several ages. */
  public ObjectNode written() {
    var written = fields.deepCopy();
    if (known().has("rope_parameters")) {
      RotaryParameters.spellOut(this, written);
    }
    return written;
  }

  /** {@code max_position_embeddings}: it may leave out what scaled rotary positions add. */
  int statedPositions() {
    return size("max_position_embeddings", 2048);
  }

  /** Whether the head uses the embedding's weight. */
  public boolean tiedEmbeddings() {
    return flag("tie_word_embeddings");
  }

  /**
   * How many positions back a layer sees, its own included; null where it sees all.
   *
   * @param otherwise whether the layer has a window where {@code layer_types} does not say
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

  /** An elementwise function by the name transformers has for it. */
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

  /** The value of a field, or what holds where the file is silent or says null. */
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

  /** Whether the field has a value, in the file or because the family gives it one. */
  boolean has(String field) {
    return !value(field).isMissingNode();
  }

  /** A whole number of at least 1 that must be there. */
  public int size(String field) {
    return size(field, needed(field));
  }

  /** A whole number of at least 1. */
  public int size(String field, int otherwise) {
    var value = value(field);
    return value.isMissingNode() ? otherwise : size(field, value);
  }

  private int size(String field, JsonNode value) {
    if (!value.isIntegralNumber() || value.asLong() < 1 || value.asLong() > LARGEST) {
      throw new InputException(
          "%s: %s is %s: give a whole number from 1 to %d",
          where, known().name(field), value, LARGEST);
    }
    return value.asInt();
  }

  /** A number. */
  double number(String field) {
    var value = needed(field);
    if (!value.isNumber()) {
      throw new InputException("%s: %s is %s: give a number", where, known().name(field), value);
    }
    return value.asDouble();
  }

  /** A yes or no. */
  boolean flag(String field) {
    var value = needed(field);
    if (!value.isBoolean()) {
      throw new InputException(
          "%s: %s is %s: give true or false", where, known().name(field), value);
    }
    return value.asBoolean();
  }

  /** A text that must be there. */
  public String text(String field) {
    if (!fields.path(field).isTextual()) {
      throw new InputException("%s has no %s: this model cannot be built without it", where, field);
    }
    return fields.get(field).asText();
  }

  /**
   * The same model with other widths. Uniform ones go into the plain fields alone; where they
   * differ, the plain fields keep the widest layer's, so that at least one tensor contradicts them
   * and a reader that knows no other fields stops at its shape.
   */
  public ModelConfig withLayers(List<LayerWidths> widths) {
    var copy = fields.deepCopy();
    copy.remove("per_layer_config");
    copy.put("head_dim", headDimension());
    var plain = part(widths, true);
    var others = part(widths, false);
    int experts = most(others, layer -> layer.mlps().size());
    var widest =
        new LayerWidths(
            most(widths, LayerWidths::queryHeads),
            most(widths, LayerWidths::keyValueHeads),
            Collections.nCopies(experts, most(others, LayerWidths::channels)));
    write(copy, widest);
    if (most(plain, LayerWidths::channels) > 0) {
      copy.put(PLAIN, most(plain, LayerWidths::channels));
    }
    if (!uniform(widths)) {
      var layers = copy.putObject("per_layer_config");
      for (int layer = 0; layer < widths.size(); layer++) {
        var own = layers.putObject(Integer.toString(layer));
        write(own, widths.get(layer));
        widths.get(layer).writeSkipped(own);
      }
    }
    return new ModelConfig(copy, List.copyOf(widths), where);
  }

  /** Whether the plain fields can say the widths. */
  public boolean uniform() {
    return uniform(layers);
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

  /** The widths that are there. */
  private void write(ObjectNode into, LayerWidths widths) {
    if (widths.hasMlp()) {
      if (new HashSet<>(widths.mlps()).size() == 1) {
        put(into, "intermediate_size", widths.channels());
      } else {
        widths.mlps().forEach(into.putArray(known().name("intermediate_size"))::add);
      }
      put(into, "num_local_experts", widths.mlps().size());
    }
    if (widths.attends()) {
      put(into, "num_attention_heads", widths.queryHeads());
      put(into, "num_key_value_heads", widths.keyValueHeads());
    }
  }

  private void put(ObjectNode into, String field, int value) {
    if (known().has(field)) {
      into.put(known().name(field), value);
    }
  }
}
