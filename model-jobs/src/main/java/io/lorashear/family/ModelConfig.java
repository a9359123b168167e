package io.lorashear.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What config.json says of a model. Widths may differ by layer: they are read from {@code
 * per_layer_config} ({"3": {"intermediate_size": 1228, "num_attention_heads": 6,
 * "num_key_value_heads": 2}}), and where a layer or field is not named there, from the plain
 * fields.
 *
 * @param fields the file's object; not changed by anybody
 * @param layers widths, first layer first
 * @param where the file, for messages
 */
public record ModelConfig(ObjectNode fields, List<LayerWidths> layers, String where) {
  private static final int LARGEST = 1 << 24;

  /** Reads the widths and checks that sizes are positive and heads divide. */
  public static ModelConfig parse(ObjectNode fields, String where) {
    var config = new ModelConfig(fields, List.of(), where);
    var layers = new ArrayList<LayerWidths>();
    for (int layer = 0; layer < config.size("num_hidden_layers"); layer++) {
      layers.add(config.widths(layer));
    }
    return new ModelConfig(fields, List.copyOf(layers), where);
  }

  private LayerWidths widths(int layer) {
    var own = fields.path("per_layer_config").path(Integer.toString(layer));
    int queries = size(own, "num_attention_heads", size("num_attention_heads"));
    int keys = size(own, "num_key_value_heads", size("num_key_value_heads", queries));
    int channels = size(own, "intermediate_size", size("intermediate_size"));
    if (queries % keys != 0) {
      throw new InputException(
          "%s: layer %d has %d query heads for %d key-value heads: the first must be a multiple of"
              + " the second",
          where, layer, queries, keys);
    }
    return new LayerWidths(queries, keys, channels);
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

  /** Numbers a head's vector has; hidden size over heads where the file is silent. */
  public int headDimension() {
    return size("head_dim", hiddenSize() / size("num_attention_heads"));
  }

  /** The longest sequence the model was made for, in tokens. */
  public int maximumPositions() {
    return size("max_position_embeddings", 2048);
  }

  /** Whether the head uses the embedding's weight. */
  public boolean tiedEmbeddings() {
    return flag("tie_word_embeddings", false);
  }

  /** A whole number of at least 1 that must be there. */
  public int size(String field) {
    if (!fields.hasNonNull(field)) {
      throw new InputException("%s has no %s: this model cannot be built without it", where, field);
    }
    return size(fields, field, 1);
  }

  /** A whole number of at least 1. */
  public int size(String field, int otherwise) {
    return size(fields, field, otherwise);
  }

  private int size(JsonNode from, String field, int otherwise) {
    if (!from.hasNonNull(field)) {
      return otherwise;
    }
    var value = from.get(field);
    if (!value.isIntegralNumber() || value.asLong() < 1 || value.asLong() > LARGEST) {
      throw new InputException(
          "%s: %s is %s: give a whole number from 1 to %d", where, field, value, LARGEST);
    }
    return value.asInt();
  }

  /** A number. */
  public double number(String field, double otherwise) {
    var value = fields.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isNumber()) {
      throw new InputException("%s: %s is %s: give a number", where, field, value);
    }
    return value.asDouble();
  }

  /** A yes or no. */
  public boolean flag(String field, boolean otherwise) {
    var value = fields.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw new InputException("%s: %s is %s: give true or false", where, field, value);
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

  /** The same model with other widths; uniform widths go into the plain fields alone. */
  public ModelConfig withLayers(List<LayerWidths> widths) {
    var copy = fields.deepCopy();
    copy.remove("per_layer_config");
    copy.put("head_dim", headDimension());
    if (new HashSet<>(widths).size() == 1) {
      write(copy, widths.get(0));
    } else {
      var layers = copy.putObject("per_layer_config");
      for (int layer = 0; layer < widths.size(); layer++) {
        write(layers.putObject(Integer.toString(layer)), widths.get(layer));
      }
    }
    return new ModelConfig(copy, List.copyOf(widths), where);
  }

  private static void write(ObjectNode into, LayerWidths widths) {
    into.put("intermediate_size", widths.channels());
    into.put("num_attention_heads", widths.queryHeads());
    into.put("num_key_value_heads", widths.keyValueHeads());
  }

  /**
   * Refuses every field outside {@code known}: one that is not understood could change the result.
   */
  void allow(Set<String> known) {
    fields
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                throw new InputException(
                    "%s: field %s of a %s model is not known here and could change the result:"
                        + " remove it if it does not matter",
                    where, name, modelType());
              }
            });
  }
}
