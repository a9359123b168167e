package io.lorashear.family;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The quantisation of a checkpoint whose weights are packed into fewer bits by one of the methods
 * that transformers and MLX load. Packed weights can be neither pruned nor trained.
 *
 * @param method its name, as its own program writes it; empty if unknown
 * @param bits bits per weight, or 0 if unknown
 */
public record Quantization(String method, int bits) {
  /** The fields of config.json that describe it. */
  static final List<String> FIELDS =
      List.of("quantization_config", "quantization", "compression_config", "sparsity_config");

  private static final List<String> BITS = List.of("bits", "w_bit", "nbits", "weight_bits");

  /** Fields that only one method's settings have, for settings that do not name their method. */
  private static final Map<String, String> TELLING =
      ordered(
          "load_in_4bit", "bitsandbytes",
          "load_in_8bit", "bitsandbytes",
          "desc_act", "gptq",
          "w_bit", "awq",
          "quant_algo", "modelopt",
          "config_groups", "compressed-tensors",
          "nbits", "hqq",
          "num_codebooks", "aqlm",
          "weights", "quanto",
          "sym", "openvino",
          "group_size", "mlx");

  /** Name endings that only a method's packed tensors have; the first match is reported. */
  private static final Map<String, String> TENSORS =
      ordered(
          ".*\\.(qweight|qzeros|g_idx)", "gptq or awq",
          ".*\\.(weight_packed|weight_global_scale)", "compressed-tensors",
          ".*\\.(SCB|weight_format|weight\\.(nested_)?(absmax|quant_map)|weight\\.quant_state\\..*)",
              "bitsandbytes",
          ".*\\.weight_scale_inv", "fp8",
          ".*\\.weight_scale", "fp8 or compressed-tensors",
          ".*\\.(q_weight|q_scale)", "exl2",
          ".*\\.(codes|codebooks)", "aqlm",
          ".*\\.W_q", "hqq",
          ".*\\.weight_scales", "eetq",
          ".*_proj_(blocks|scales)", "mxfp4",
          ".*\\.weight\\._(data|scale)", "quanto",
          ".*weight_qdata", "torchao",
          ".*\\.scales", "mlx");

  /** How to unpack the weights with transformers, for the methods where that is possible. */
  private static final Map<String, String> UNPACKED =
      Map.of(
          "bitsandbytes", "from_pretrained(old).dequantize()",
          "fp8", "from_pretrained(old, quantization_config=FineGrainedFP8Config(dequantize=True))",
          "mxfp4", "from_pretrained(old, quantization_config=Mxfp4Config(dequantize=True))",
          "compressed-tensors",
              "from_pretrained(old,"
                  + " quantization_config=CompressedTensorsConfig(run_compressed=False))");

  /** The quantisation that a config.json describes; empty if its fields have no effect. */
  public static Optional<Quantization> of(JsonNode config) {
    return FIELDS.stream()
        .map(config::path)
        .filter(settings -> settings.isObject() && !atRest(settings))
        .findFirst()
        .map(Quantization::read);
  }

  /**
   * The quantisation that a settings file beside the weights describes, as the first programs of
   * GPTQ and AWQ wrote it.
   */
  public static Quantization read(JsonNode settings) {
    var inner = settings.path("quantization").isObject() ? settings.get("quantization") : settings;
    var told =
        TELLING.entrySet().stream()
            .filter(entry -> inner.hasNonNull(entry.getKey()))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse("");
    var method = inner.path("quant_method").asText(told);
    return new Quantization(method.toLowerCase(Locale.ROOT), bits(inner));
  }

  /** The quantisation that the names of tensors indicate. */
  public static Optional<Quantization> ofTensors(Collection<String> names) {
    return TENSORS.entrySet().stream()
        .filter(
            entry -> names.stream().anyMatch(Pattern.compile(entry.getKey()).asMatchPredicate()))
        .findFirst()
        .map(entry -> new Quantization(entry.getValue(), 0));
  }

  private static int bits(JsonNode settings) {
    if (settings.path("load_in_4bit").asBoolean()) {
      return 4;
    }
    if (settings.path("load_in_8bit").asBoolean()) {
      return 8;
    }
    return BITS.stream().mapToInt(name -> settings.path(name).asInt()).max().orElse(0);
  }

  /**
   * Whether settings have no effect: bitsandbytes switched off, or a sparse model stored densely.
   */
  private static boolean atRest(JsonNode settings) {
    boolean off =
        (settings.has("load_in_4bit") || settings.has("load_in_8bit")) && bits(settings) == 0;
    boolean silent = settings.properties().stream().allMatch(field -> field.getValue().isNull());
    var sparse = settings.has("sparsity_config") ? settings.get("sparsity_config") : settings;
    boolean dense = sparse.path("format").asText().equals("dense") && settings.size() <= 2;
    return silent || off || (dense && !settings.has("config_groups"));
  }

  /**
   * The error that refuses it, with a remedy.
   *
   * @param where the file that describes it
   */
  public InputException refusal(String where) {
    var how = method.isEmpty() ? "a method that it does not name" : method;
    var width = bits == 0 ? "" : ", " + bits + " bit";
    var unpacked = UNPACKED.get(method);
    return new InputException(
        "%s: the checkpoint is quantised (%s%s), and packed weights are not read here: take the"
            + " model it was made from, which its model card names%s",
        where,
        how,
        width,
        unpacked == null
            ? ""
            : ", or unpack it with transformers: AutoModelForCausalLM."
                + unpacked
                + ".save_pretrained(new)");
  }

  private static Map<String, String> ordered(String... pairs) {
    var map = new LinkedHashMap<String, String>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }
}
