package io.lorashear.family;

import java.util.List;

/**
 * Biases on the last matrices of attention and MLPs, if config.json has a field for them. Such a
 * field adds biases to the other matrices of the part as well.
 */
public final class OutputBiases {
  private static final List<String> FIELDS = List.of("attention_bias", "mlp_bias");

  private OutputBiases() {}

  /** The configuration with all such biases that its family has fields for. */
  public static ModelConfig with(ModelConfig config) {
    var fields = config.fields().deepCopy();
    for (var field : FIELDS) {
      if (config.known().has(field) && !config.flag(field)) {
        fields.put(field, true);
      }
    }
    return fields.equals(config.fields()) ? config : ModelConfig.parse(fields, config.where());
  }
}
