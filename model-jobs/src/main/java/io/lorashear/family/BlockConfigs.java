package io.lorashear.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Widths by layer in the format of Nemotron-NAS (arXiv 2411.19146) and DeciLM, which vLLM, SGLang,
 * TensorRT-LLM and MLX-LM read: a Llama with the same number of query heads in every layer that has
 * attention.
 *
 * <pre>
 *   block_configs[i].attention   no_op, or n_heads_in_group: query heads per key-value head
 *   block_configs[i].ffn         no_op, or intermediate_size, or ffn_mult:
 *                                ⌊2/3 · ffn_mult · hidden⌋ rounded up to a multiple of 256
 * </pre>
 */
final class BlockConfigs {
  static final String FIELD = "block_configs";
  static final String MODEL_TYPE = "nemotron-nas";
  static final String ARCHITECTURE = "DeciLMForCausalLM";

  /** What {@code ffn_mult} is rounded to. */
  private static final int STEP = 256;

  private static final Set<String> ATTENTION = Set.of("no_op", "n_heads_in_group");
  private static final Set<String> MLP = Set.of("no_op", "intermediate_size", "ffn_mult");
  private static final String SHARED = "n_heads_in_group";

  private BlockConfigs() {}

  /** Converts {@code fields} into a Llama's, with widths by layer in {@code per_layer_config}. */
  static void read(ObjectNode fields, String where) {
    var blocks = fields.remove(FIELD);
    if (blocks == null || !blocks.isArray()) {
      throw new InputException("%s: a %s model needs a list %s", where, MODEL_TYPE, FIELD);
    }
    fields.put("model_type", "llama");
    int queries = whole(fields, "num_attention_heads", where);
    int hidden = whole(fields, "hidden_size", where);
    var layers = fields.putObject(ModelConfig.LAYERS);
    int widest = 0;
    for (int layer = 0; layer < blocks.size(); layer++) {
      var place = "%s: %s[%d].".formatted(where, FIELD, layer);
      var own = layers.putObject(Integer.toString(layer));
      attention(own, blocks.get(layer).path("attention"), queries, place + "attention");
      mlp(own, blocks.get(layer).path("ffn"), hidden, place + "ffn");
      widest = Math.max(widest, own.path(LayerFields.PLAIN).asInt());
    }
    fields.put(LayerFields.PLAIN, Math.max(1, widest));
  }

  private static void attention(ObjectNode own, JsonNode said, int queries, String place) {
    check(said, ATTENTION, place);
    if (said.path("no_op").asBoolean()) {
      own.withArray(LayerWidths.SKIP).add(LayerWidths.ATTENTION);
      return;
    }
    int shared = whole(said, SHARED, place);
    if (queries % shared != 0) {
      throw new InputException(
          "%s.%s is %d, but %d query heads cannot be shared out so",
          place, SHARED, shared, queries);
    }
    own.put("num_attention_heads", queries).put("num_key_value_heads", queries / shared);
  }

  private static void mlp(ObjectNode own, JsonNode said, int hidden, String place) {
    check(said, MLP, place);
    if (said.path("no_op").asBoolean()) {
      own.withArray(LayerWidths.SKIP).add(LayerWidths.MLP);
      return;
    }
    boolean rounded = said.hasNonNull("ffn_mult");
    int width = rounded ? width(said, hidden, place) : whole(said, LayerFields.PLAIN, place);
    if (said.path(LayerFields.PLAIN).asInt(width) != width) {
      throw new InputException(
          "%s.ffn_mult is %s, that is %d channels, but intermediate_size is %s: keep the one that"
              + " holds",
          place, said.get("ffn_mult"), width, said.get(LayerFields.PLAIN));
    }
    own.put(LayerFields.PLAIN, width);
  }

  private static int width(JsonNode said, int hidden, String place) {
    double times = said.get("ffn_mult").asDouble();
    if (!(times > 0 && times < STEP)) {
      throw new InputException(
          "%s.ffn_mult is %s: give a positive number", place, said.get("ffn_mult"));
    }
    int channels = (int) (2 * times * hidden / 3);
    return (channels + STEP - 1) / STEP * STEP;
  }

  /** All other fields must have no effect: null, false or empty. */
  private static void check(JsonNode said, Set<String> known, String place) {
    for (var field : said.properties()) {
      var value = field.getValue();
      boolean rest = value.isNull() || value.isContainerNode() && value.isEmpty();
      boolean off = value.isBoolean() && !value.asBoolean();
      if (!known.contains(field.getKey()) && !rest && !off) {
        throw new InputException(
            "%s.%s is %s, which could change the result and is not known here",
            place, field.getKey(), value);
      }
    }
  }

  private static int whole(JsonNode fields, String field, String place) {
    var value = fields.path(field);
    if (!value.isIntegralNumber() || value.asInt() < 1) {
      throw new InputException(
          "%s: %s is %s: give a whole number from 1",
          place, field, value.isMissingNode() ? "missing" : value);
    }
    return value.asInt();
  }

  /**
   * The reverse of {@link #read}.
   *
   * @param inSteps whether widths are written as {@code ffn_mult}, the only form MLX-LM reads
   * @throws InputException if this form cannot express the widths
   */
  static void write(ModelConfig config, ObjectNode fields, boolean inSteps) {
    var problem = problem(config, inSteps);
    if (problem != null) {
      throw new InputException(
          "%s: block_configs, the form of vLLM and MLX-LM, cannot say this model: %s; export --for"
              + " transformers, --for torchscript or --for llama.cpp, or prune with --set"
              + " shape=deci",
          config.where(), problem);
    }
    fields.remove(ModelConfig.LAYERS);
    fields.put("model_type", MODEL_TYPE);
    var blocks = fields.putArray(FIELD);
    for (var layer : config.layers()) {
      var block = blocks.addObject();
      var attention = block.putObject("attention").put("no_op", !layer.attends());
      if (layer.attends()) {
        attention.put(SHARED, layer.queryHeads() / layer.keyValueHeads());
      }
      var mlp = block.putObject("ffn").put("no_op", !layer.hasMlp());
      if (layer.hasMlp() && inSteps) {
        mlp.put("ffn_mult", 3.0 * layer.channels() / (2.0 * config.hiddenSize()));
      } else if (layer.hasMlp()) {
        mlp.put(LayerFields.PLAIN, layer.channels());
      }
    }
  }

  /** Why this form cannot express the widths, or null. */
  private static @Nullable String problem(ModelConfig config, boolean inSteps) {
    var heads =
        config.layers().stream().filter(LayerWidths::attends).map(LayerWidths::queryHeads).toList();
    if (!config.modelType().equals("llama")) {
      return "it is for llama models, this one is a " + config.modelType();
    }
    if (heads.stream().distinct().count() > 1) {
      return "query heads must be as many in all layers, here they are from %d to %d"
          .formatted(
              heads.stream().mapToInt(count -> count).min().orElseThrow(),
              heads.stream().mapToInt(count -> count).max().orElseThrow());
    }
    if (!config.layers().get(0).attends()) {
      return "the first layer must have its attention";
    }
    if (!inSteps) {
      return null;
    }
    if (heads.get(0) * config.headDimension() != config.hiddenSize()) {
      return "a head must be of hidden_size / num_attention_heads = %d / %d numbers, here it has %d"
          .formatted(config.hiddenSize(), heads.get(0), config.headDimension());
    }
    return config.layers().stream()
        .map(LayerWidths::channels)
        .filter(channels -> channels % STEP != 0)
        .findFirst()
        .map(channels -> "MLPs must have a multiple of 256 channels, one has " + channels)
        .orElse(null);
  }
}
