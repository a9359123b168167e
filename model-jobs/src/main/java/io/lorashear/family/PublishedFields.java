package io.lorashear.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.util.List;

/**
 * Converts a config.json in one of the forms in which widths by layer are published into the
 * family's own fields with {@code per_layer_config}.
 *
 * <pre>
 *   model_type lorashear      base_model_type, and layer_widths: one object per layer
 *   per_layer_config          {"03": {…}}, overrides only, as transformers 5 writes it
 *   model_type nemotron-nas   block_configs
 * </pre>
 */
final class PublishedFields {
  static final String MODEL_TYPE = "lorashear";
  static final String BASE = "base_model_type";
  static final String WIDTHS = "layer_widths";

  /** Fields that belong to the form, not to the model. */
  private static final List<String> FORM = List.of("auto_map", "architectures", BASE, WIDTHS);

  private PublishedFields() {}

  /**
   * The family's own fields; {@code fields} itself if it has none of these forms.
   *
   * @throws InputException when a form is incomplete
   */
  static ObjectNode read(ObjectNode fields, String where) {
    var type = fields.path("model_type").asText();
    var own = fields.deepCopy();
    if (type.equals(MODEL_TYPE)) {
      readWidths(own, where);
    } else if (type.equals(BlockConfigs.MODEL_TYPE)) {
      BlockConfigs.read(own, where);
    } else if (!fields.hasNonNull(ModelConfig.LAYERS)) {
      return fields;
    }
    own.set(ModelConfig.LAYERS, numbered(own, where));
    return own;
  }

  private static void readWidths(ObjectNode own, String where) {
    var base = own.path(BASE);
    var widths = own.path(WIDTHS);
    if (!base.isTextual() || !widths.isArray()) {
      throw new InputException(
          "%s: a %s model needs %s, a family's name, and %s, a list of one object a layer",
          where, MODEL_TYPE, BASE, WIDTHS);
    }
    own.remove(FORM);
    own.put("model_type", base.asText());
    int layers = new ModelConfig(own, List.of(), where).size("num_hidden_layers");
    if (widths.size() != layers) {
      throw new InputException(
          "%s: %s has %d entries for %d layers: one object a layer is needed",
          where, WIDTHS, widths.size(), layers);
    }
    var each = own.putObject(ModelConfig.LAYERS);
    for (int layer = 0; layer < layers; layer++) {
      each.set(Integer.toString(layer), widths.get(layer));
    }
  }

  /** {"03": {…}} as {"3": {…}}. */
  private static ObjectNode numbered(ObjectNode own, String where) {
    var said = own.path(ModelConfig.LAYERS);
    if (!said.isObject()) {
      throw new InputException("%s: %s is %s: give an object", where, ModelConfig.LAYERS, said);
    }
    int layers = new ModelConfig(own, List.of(), where).size("num_hidden_layers");
    var numbered = own.objectNode();
    for (var layer : said.properties()) {
      var name = layer.getKey();
      int number = name.matches("\\d{1,7}") ? Integer.parseInt(name) : layers;
      if (number >= layers || numbered.has(Integer.toString(number))) {
        throw new InputException(
            "%s: %s names the layer %s: give each of the layers 0 to %d once at most",
            where, ModelConfig.LAYERS, name, layers - 1);
      }
      numbered.set(Integer.toString(number), object(layer.getValue(), number, where));
    }
    return numbered;
  }

  private static JsonNode object(JsonNode own, int layer, String where) {
    if (!own.isObject()) {
      throw new InputException("%s: layer %d says %s: give an object", where, layer, own);
    }
    return own;
  }
}
