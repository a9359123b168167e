package io.lorashear.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;

/**
 * How config.json is written. Widths that the plain fields can express are written there in every
 * form.
 *
 * @param layers how widths by layer are written
 * @param words which versions of transformers must be able to read it
 */
public record ConfigForm(Layers layers, Words words) {
  /** The form of what is published between stages. */
  public static final ConfigForm USUAL = new ConfigForm(Layers.OWN, Words.BOTH);

  /** The modelling file that {@link Layers#OWN} names. */
  public static final String MODELLING = "modeling_lorashear";

  /** The file that turns {@link Layers#BLOCKS} into objects for transformers. */
  public static final String BLOCKS = "configuration_lorashear";

  private static final String ARCHITECTURE = "LoRAShearForCausalLM";

  /** Forms of widths by layer. */
  public enum Layers {
    /** {@code model_type: lorashear} and {@code layer_widths}, for our own modelling file. */
    OWN,
    /**
     * transformers' own {@code per_layer_config}: overrides only, layer numbers padded to the same
     * width.
     */
    PER_LAYER,
    /** {@code block_configs} with exact widths. */
    BLOCKS,
    /** {@code block_configs} with widths in steps of 256. */
    BLOCKS_IN_STEPS
  }

  /** Versions of transformers. */
  public enum Words {
    BOTH,
    FOUR,
    FIVE;

    boolean four() {
      return this != FIVE;
    }

    boolean five() {
      return this != FOUR;
    }
  }

  /**
   * The file's object, with its fields in alphabetical order.
   *
   * @param type the name of the weights' number type, for example "float32"
   * @throws InputException when this form cannot express the model
   */
  public ObjectNode write(ModelConfig config, String type) {
    var fields = config.withLayers(config.layers()).fields();
    fields.remove("auto_map"); // names files that are not beside it
    fields.putArray("architectures").add(Family.of(config).architecture());
    new RotaryWords(config).write(fields, words.four(), words.five());
    fields.remove(List.of("dtype", "torch_dtype"));
    if (words.four()) {
      fields.put("torch_dtype", type);
    }
    if (words.five()) {
      fields.put("dtype", type);
    }
    if (!config.stock()) {
      writeLayers(config, fields);
    }
    return sorted(fields);
  }

  /** In the order of transformers, so that a file that it reads and writes has the same bytes. */
  private static ObjectNode sorted(ObjectNode fields) {
    var sorted = fields.objectNode();
    var names = new TreeSet<String>();
    fields.fieldNames().forEachRemaining(names::add);
    names.forEach(name -> sorted.set(name, fields.get(name)));
    return sorted;
  }

  private void writeLayers(ModelConfig config, ObjectNode fields) {
    switch (layers) {
      case OWN -> own(config, fields);
      case PER_LAYER -> perLayer(config, fields);
      case BLOCKS, BLOCKS_IN_STEPS -> {
        BlockConfigs.write(config, fields, layers == Layers.BLOCKS_IN_STEPS);
        fields.putArray("architectures").add(BlockConfigs.ARCHITECTURE);
        fields.putObject("auto_map").put("AutoConfig", BLOCKS + ".DeciLMConfig");
      }
    }
  }

  private static void own(ModelConfig config, ObjectNode fields) {
    var each = fields.remove(ModelConfig.LAYERS);
    var heads = config.known().name("num_attention_heads");
    if (config.hiddenSize() % config.headDimension() == 0) { // transformers checks it
      fields.put(heads, config.hiddenSize() / config.headDimension());
    }
    fields.put("model_type", PublishedFields.MODEL_TYPE);
    fields.put(PublishedFields.BASE, config.modelType());
    fields.putArray("architectures").add(ARCHITECTURE);
    fields
        .putObject("auto_map")
        .put("AutoConfig", MODELLING + ".LoRAShearConfig")
        .put("AutoModelForCausalLM", MODELLING + "." + ARCHITECTURE);
    var widths = fields.putArray(PublishedFields.WIDTHS);
    each.forEach(widths::add);
  }

  /** Omits values equal to the plain field's; pads layer numbers to the digits of the largest. */
  private static void perLayer(ModelConfig config, ObjectNode fields) {
    refuseWhatPerLayerCannotSay(config);
    var each = (ObjectNode) fields.remove(ModelConfig.LAYERS);
    var overrides = new HashSet<String>();
    for (var layer : each.properties()) {
      var own = (ObjectNode) layer.getValue();
      own.properties().removeIf(field -> field.getValue().equals(fields.get(field.getKey())));
      if (!own.isEmpty()) {
        overrides.add(layer.getKey());
      }
    }
    int digits = overrides.stream().mapToInt(String::length).max().orElse(1);
    var written = fields.putObject(ModelConfig.LAYERS);
    for (var layer : each.properties()) {
      if (overrides.contains(layer.getKey())) {
        written.set(
            "0".repeat(digits - layer.getKey().length()) + layer.getKey(), layer.getValue());
      }
    }
  }

  private static void refuseWhatPerLayerCannotSay(ModelConfig config) {
    boolean mixed =
        config.layers().stream().anyMatch(layer -> new HashSet<>(layer.mlps()).size() > 1);
    int filling = config.hiddenSize() / config.headDimension();
    boolean cut =
        !config.known().storesHeadDimension()
            && config.layers().stream()
                .anyMatch(layer -> layer.attends() && layer.queryHeads() != filling);
    if (mixed || cut) {
      throw new InputException(
          "%s: per_layer_config cannot say %s: export without --native",
          config.where(),
          mixed
              ? "that experts of one layer have several widths"
              : "fewer heads of a " + config.modelType() + ", whose heads fill hidden_size");
    }
  }
}
