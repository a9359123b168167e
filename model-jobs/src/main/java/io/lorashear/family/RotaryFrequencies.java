package io.lorashear.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.lorashear.InputException;
import io.lorashear.graph.RotaryTable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Radians a position turns each rotary pair by: {@code f_i = θ^(−2i/d)} (RoFormer, arXiv
 * 2104.09864), slowed for long contexts as Llama 3.1 does:
 *
 * <pre>
 *   wavelength = 2π/f
 *   f            wavelength &lt; L/high
 *   f/factor     wavelength &gt; L/low
 *   (1−s)·f/factor + s·f   between,  s = (L/wavelength − low)/(high − low)
 * </pre>
 *
 * or as LongRoPE does (arXiv 2402.13753), with a factor for every pair and size of text:
 *
 * <pre>
 *   f_i/short_i   in texts of at most L tokens         m = √(1 + ln(N/L)/ln L), at least 1
 *   f_i/long_i    in longer ones                       N positions now, L before
 *   cosines and sines · m
 * </pre>
 */
final class RotaryFrequencies {
  private static final String LENGTH = "original_max_position_embeddings";
  private static final Set<String> ALWAYS =
      Set.of("partial_rotary_factor", "rope_theta", "rope_type", "type");

  /** What each kind reads. */
  private static final Map<String, Set<String>> READ =
      new TreeMap<>(
          Map.of(
              "default", Set.of(),
              "linear", Set.of("factor"),
              "llama3", Set.of("factor", "low_freq_factor", "high_freq_factor", LENGTH),
              "longrope",
                  Set.of("long_factor", "short_factor", "attention_factor", "factor", LENGTH)));

  private final ModelConfig config;
  private final JsonNode scaling;
  private final String kind;

  private RotaryFrequencies(ModelConfig config) {
    this.config = config;
    this.scaling = scaling(config);
    var named = scaling.path("rope_type").asText(scaling.path("type").asText("default"));
    this.kind = named.equals("su") ? "longrope" : named; // Phi-3's first files say su
    check();
  }

  /** The frequencies of a model's heads: half as many as numbers of a head are turned. */
  static RotaryTable of(ModelConfig config) {
    return new RotaryFrequencies(config).table();
  }

  private static JsonNode scaling(ModelConfig config) {
    var now = object(config, "rope_parameters");
    var before = object(config, "rope_scaling");
    if (now.isObject() && before.isObject() && !now.equals(before)) {
      throw new InputException(
          "%s: rope_parameters and rope_scaling differ: keep the one that holds", config.where());
    }
    return now.isObject() ? now : before;
  }

  /** A field that is an object, or nothing. */
  private static JsonNode object(ModelConfig config, String field) {
    var value = config.fields().path(field);
    if (value.isNull()) {
      return MissingNode.getInstance();
    }
    if (!value.isMissingNode() && !value.isObject()) {
      throw new InputException(
          "%s: %s is %s: give an object, or leave it out", config.where(), field, value);
    }
    return value;
  }

  /** No kind is guessed at, nothing it needs is made up, and nothing it is told is ignored. */
  private void check() {
    var known = READ.get(kind);
    if (known == null) {
      throw new InputException(
          "%s: rope_scaling is of type %s: known are %s",
          config.where(), kind, String.join(", ", READ.keySet()));
    }
    for (var field : scaling.properties()) {
      if (!field.getValue().isNull()
          && !known.contains(field.getKey())
          && !ALWAYS.contains(field.getKey())
          && !(kind.equals("default") && field.getKey().equals(LENGTH))) {
        throw new InputException(
            "%s: rope_scaling has the field %s, which is not known of the type %s and could change"
                + " the result",
            config.where(), field.getKey(), kind);
      }
    }
  }

  private RotaryTable table() {
    int d = turned();
    double theta = own("rope_theta");
    if (!(theta > 0)) {
      throw new InputException(
          "%s: rope_theta is %s: give a positive number", config.where(), theta);
    }
    IntToDoubleFunction plain = i -> Math.pow(theta, -2.0 * i / d);
    return switch (kind) {
      case "linear" -> even(d, i -> plain.applyAsDouble(i) / number("factor"));
      case "llama3" -> even(d, i -> llama3(plain.applyAsDouble(i)));
      case "longrope" -> longrope(d, plain);
      default -> even(d, plain);
    };
  }

  private static RotaryTable even(int d, IntToDoubleFunction frequency) {
    return RotaryTable.of(list(d, frequency));
  }

  private static List<Double> list(int d, IntToDoubleFunction frequency) {
    return IntStream.range(0, d / 2).mapToDouble(frequency).boxed().toList();
  }

  /** d: the share {@code partial_rotary_factor} of a head's numbers, all where it is not known. */
  private int turned() {
    var field = "partial_rotary_factor";
    double share = scaling.hasNonNull(field) || config.has(field) ? own(field) : 1;
    int d = (int) (config.headDimension() * share);
    if (d < 2 || d % 2 != 0 || d > config.headDimension()) {
      throw new InputException(
          "%s: %s is %s: of the %d numbers of a head it must leave an even count to turn",
          config.where(), field, share, config.headDimension());
    }
    return d;
  }

  private double llama3(double f) {
    double factor = number("factor");
    double low = number("low_freq_factor");
    double high = number("high_freq_factor");
    double length = number(LENGTH);
    double wavelength = 2 * Math.PI / f;
    if (wavelength < length / high) {
      return f;
    }
    if (wavelength > length / low) {
      return f / factor;
    }
    double s = (length / wavelength - low) / (high - low);
    return (1 - s) * f / factor + s * f;
  }

  private RotaryTable longrope(int d, IntToDoubleFunction plain) {
    var shorter = factors("short_factor", d / 2);
    var longer = factors("long_factor", d / 2);
    int before =
        scaling.has(LENGTH) ? (int) number(LENGTH) : config.size(LENGTH, config.maximumPositions());
    double factor =
        scaling.has("factor") ? number("factor") : (double) config.maximumPositions() / before;
    double magnitude =
        scaling.hasNonNull("attention_factor")
            ? number("attention_factor")
            : factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(before));
    return new RotaryTable(
        list(d, i -> plain.applyAsDouble(i) / shorter.get(i)),
        list(d, i -> plain.applyAsDouble(i) / longer.get(i)),
        before,
        magnitude);
  }

  private List<Double> factors(String field, int pairs) {
    var values = scaling.path(field);
    var numbers =
        IntStream.range(0, values.isArray() ? values.size() : 0)
            .mapToObj(values::path)
            .filter(value -> value.isNumber() && value.asDouble() > 0)
            .map(JsonNode::asDouble)
            .toList();
    if (numbers.size() != values.size() || numbers.size() != pairs) {
      throw new InputException(
          "%s: rope_scaling.%s is %s: give %d positive numbers, one for each pair that turns",
          config.where(), field, values.isMissingNode() ? "missing" : values, pairs);
    }
    return numbers;
  }

  /** A number that newer files have among the scaling's fields and older ones beside them. */
  private double own(String field) {
    return scaling.hasNonNull(field) ? number(field) : config.number(field);
  }

  /** A positive number that must be there. */
  private double number(String field) {
    var value = scaling.path(field);
    if (!value.isNumber() || !(value.asDouble() > 0)) {
      throw new InputException(
          "%s: rope_scaling.%s is %s: a rotary type of %s needs a positive number there",
          config.where(), field, value.isMissingNode() ? "missing" : value, kind);
    }
    return value.asDouble();
  }
}
