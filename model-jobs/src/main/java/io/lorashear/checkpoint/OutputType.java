package io.lorashear.checkpoint;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The number type that a stage writes weights in.
 *
 * <pre>
 *   keep       each weight in its original type; a new weight in the type of most weights
 *   float32 all weights in this type
 *   bfloat16
 *   float16
 * </pre>
 *
 * For a quantised GGUF file the original type is float32, the type of decoded blocks: the product
 * of a block's scale and a small integer needs more bits than bfloat16 has.
 */
public enum OutputType {
  KEEP,
  FLOAT32,
  BFLOAT16,
  FLOAT16;

  /**
   * The name of a type in settings and reports; types other than floating ones keep their own
   * names.
   */
  static String name(DataType type) {
    return switch (type) {
      case F32 -> "float32";
      case BF16 -> "bfloat16";
      case F16 -> "float16";
      default -> type.name().toLowerCase(Locale.ROOT);
    };
  }

  /**
   * A sentence for reports and cards about the number types of the weights.
   *
   * @param written all weights, read once
   * @param read the model that the stage began with
   */
  public static String sentence(CastTensors written, Checkpoint read) {
    var types =
        written.tensors().values().stream()
            .map(info -> name(info.type()))
            .distinct()
            .sorted()
            .toList();
    var text = new StringBuilder("Weights are " + String.join(" and ", types));
    if (!read.quantized().isEmpty()) {
      text.append(", decoded from ").append(String.join(" and ", read.quantized()));
    }
    if (written.rounded() > 0) {
      text.append("; ").append(count(written.rounded())).append(" were rounded to it");
    }
    if (written.zeroed() > 0) {
      text.append(", ").append(count(written.zeroed())).append(" of them to zero");
    }
    return text.append('.').toString();
  }

  private static String count(long numbers) {
    return String.format(Locale.ROOT, "%,d", numbers);
  }

  /** Converts {@code result}, whose tensors have the names of {@code read}, to this type. */
  public CastTensors of(TensorSource result, TensorSource read) {
    return of(result, read, name -> name);
  }

  /**
   * {@code result} in this type.
   *
   * @param read the model that the stage began with
   * @param origin maps the name of a tensor of the result to its name in {@code read}
   */
  public CastTensors of(TensorSource result, TensorSource read, UnaryOperator<String> origin) {
    var most = mostly(read);
    var types = new LinkedHashMap<String, DataType>();
    for (var name : result.tensors().keySet()) {
      var came = read.tensors().get(origin.apply(name));
      types.put(name, type(came == null ? most : came.type()));
    }
    return new CastTensors(result, types);
  }

  private DataType type(DataType came) {
    return switch (this) {
      case KEEP -> came;
      case FLOAT32 -> DataType.F32;
      case BFLOAT16 -> DataType.BF16;
      case FLOAT16 -> DataType.F16;
    };
  }

  /** Bytes of {@code read} in this type. */
  public long bytes(TensorSource read) {
    return read.tensors().values().stream()
        .mapToLong(
            info ->
                info.elements()
                    * (info.type().isFloating() ? type(info.type()) : info.type()).bytes())
        .sum();
  }

  /** Bytes per number of a model whose config.json has this {@code dtype}. */
  public int bytes(String dtype) {
    var came =
        switch (dtype) {
          case "bfloat16" -> DataType.BF16;
          case "float16" -> DataType.F16;
          default -> DataType.F32;
        };
    return type(came).bytes();
  }

  private static DataType mostly(TensorSource read) {
    Map<DataType, Long> counts = new EnumMap<>(DataType.class);
    read.tensors().values().stream()
        .filter(info -> info.type().isFloating())
        .forEach(info -> counts.merge(info.type(), info.elements(), Long::sum));
    return counts.entrySet().stream()
        .max(Comparator.comparing((Map.Entry<DataType, Long> count) -> count.getValue()))
        .map(Map.Entry::getKey)
        .orElse(DataType.F32);
  }
}
