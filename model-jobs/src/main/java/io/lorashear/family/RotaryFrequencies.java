package io.lorashear.family;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import java.util.ArrayList;
import java.util.List;

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
 */
final class RotaryFrequencies {
  private RotaryFrequencies() {}

  /** The frequencies of a model's heads: half as many as numbers of a head are turned. */
  static List<Double> of(ModelConfig config) {
    var parameters = config.fields().path("rope_parameters");
    int d = turned(config, parameters);
    double theta = parameters.path("rope_theta").asDouble(config.number("rope_theta"));
    var scaling = parameters.isObject() ? parameters : config.fields().path("rope_scaling");
    var frequencies = new ArrayList<Double>();
    for (int i = 0; i < d / 2; i++) {
      frequencies.add(scaled(Math.pow(theta, -2.0 * i / d), scaling, config));
    }
    return frequencies;
  }

  /** d: the share {@code partial_rotary_factor} of a head's numbers, all where it is not known. */
  private static int turned(ModelConfig config, JsonNode parameters) {
    var field = "partial_rotary_factor";
    double share = parameters.path(field).asDouble(config.has(field) ? config.number(field) : 1);
    int d = (int) (config.headDimension() * share);
    if (d < 2 || d % 2 != 0 || d > config.headDimension()) {
      throw new InputException(
          "%s: %s is %s: of the %d numbers of a head it must leave an even count to turn",
          config.where(), field, share, config.headDimension());
    }
    return d;
  }

  private static double scaled(double f, JsonNode scaling, ModelConfig config) {
    var kind = scaling.path("rope_type").asText(scaling.path("type").asText("default"));
    return switch (kind) {
      case "default" -> f;
      case "linear" -> f / scaling.path("factor").asDouble(1);
      case "llama3" -> llama3(f, scaling);
      default ->
          throw new InputException(
              "%s: rope_scaling is of type %s: known are default, linear, llama3",
              config.where(), kind);
    };
  }

  private static double llama3(double f, JsonNode scaling) {
    double factor = scaling.path("factor").asDouble(8);
    double low = scaling.path("low_freq_factor").asDouble(1);
    double high = scaling.path("high_freq_factor").asDouble(4);
    double length = scaling.path("original_max_position_embeddings").asDouble(8192);
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
}
