package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.family.ModelConfig;
import io.lorashear.family.RotaryParameters;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * {@code rope_scaling} of config.json. Linear scaling (also the meaning of a factor without a type)
 * and YaRN are stored by name. For Llama 3.1's scaling the resulting factor of every rotary pair is
 * stored; here the parameters are recovered from the factors:
 *
 * <pre>
 *   wavelength = 2π·θ^(2i/d)
 *   1                      wavelength &lt; L/high
 *   factor                 wavelength &gt; L/low
 *   1/((1−s)/factor + s)   between,  s = (L/wavelength − low)/(high − low)
 * </pre>
 *
 * with low 1 and high 4, as in every published Llama 3, and L found among the powers of two; other
 * factors are refused. Phi-3 has one list for short texts and one for long ones.
 */
final class RotaryScaling {
  private static final double LOW = 1;
  private static final double HIGH = 4;
  private static final int LONGEST = 1 << 20;
  private static final double ALIKE = 1e-6;
  private static final double EXACT = 1e-4; // relative; factors are stored in float32

  private RotaryScaling() {}

  static JsonNode of(Hyperparameters h) {
    var stated = h.metadata().textOrNull(h.key("rope.scaling.type"));
    if (!h.rotaryFactors().isEmpty()) {
      return ofTensors(h, stated);
    }
    double factor = factor(h);
    var type = stated == null ? "linear" : stated;
    if (type.equals("yarn") && factor != 1) {
      return yarn(h, factor);
    }
    if (!Set.of("linear", "none", "yarn").contains(type)) {
      throw h.unread("scales its rotary frequencies by '" + type + "'");
    }
    checkMagnitude(h);
    return type.equals("linear") && factor != 1
        ? JsonFile.object().put("rope_type", "linear").put("factor", factor)
        : NullNode.getInstance();
  }

  /** The reverse: the rotary dimension of a head, the base and the scaling. */
  static void describe(ModelConfig config, Description said) {
    var rotary = RotaryParameters.of(config, RotaryParameters.FULL);
    said.whole("rope.dimension_count", rotary.turned()).number("rope.freq_base", rotary.theta());
    switch (rotary.kind()) {
      case "default" -> {}
      case "linear" ->
          said.text("rope.scaling.type", "linear").number(Keys.FACTOR, rotary.number("factor"));
      case "yarn" -> describeYarn(rotary, said);
      case "llama3" -> said.factors(Hyperparameters.ROTARY_EVER, llama3(rotary));
      case "longrope" -> describeLists(config, rotary, said);
      default ->
          throw new InputException(
              "%s: positions are scaled by '%s', as no GGUF can say. For texts of up to %d tokens"
                  + " nothing is scaled: take rope_scaling out, or export it --for transformers",
              config.where(), rotary.kind(), config.statedPositions());
    }
  }

  /**
   * llama.cpp uses YaRN's usual ramp boundaries, rounded, and multiplies by 1 + 0.1·ln s itself.
   */
  private static void describeYarn(RotaryParameters rotary, Description said) {
    double fast = rotary.number("beta_fast", 32);
    double slow = rotary.number("beta_slow", 1);
    if (fast != 32 || slow != 1 || !rotary.flag("truncate", true)) {
      throw new InputException(
          "%s: its YaRN has beta_fast %s, beta_slow %s, truncate %s: llama.cpp computes 32, 1 and"
              + " true whatever a GGUF says; export it --for transformers",
          rotary.config().where(), fast, slow, rotary.flag("truncate", true));
    }
    double factor = rotary.factor();
    said.text("rope.scaling.type", "yarn")
        .number(Keys.FACTOR, factor)
        .whole(Keys.LENGTH, rotary.length());
    double attention = rotary.magnitude() / (1 + 0.1 * Math.log(factor));
    if (Math.abs(attention - 1) > ALIKE) {
      said.number(Keys.MAGNITUDE, attention);
    }
  }

  private static List<Double> llama3(RotaryParameters rotary) {
    int pairs = rotary.turned() / 2;
    return IntStream.range(0, pairs)
        .mapToObj(i -> 2 * Math.PI * Math.pow(rotary.theta(), (double) i / pairs))
        .map(
            wavelength ->
                expected(
                    wavelength,
                    rotary.number("factor"),
                    rotary.number("low_freq_factor"),
                    rotary.number("high_freq_factor"),
                    rotary.number(RotaryParameters.LENGTH)))
        .toList();
  }

  private static void describeLists(ModelConfig config, RotaryParameters rotary, Description said) {
    if (!config.modelType().equals("phi3")) {
      throw new InputException(
          "%s: positions are scaled by lists of factors (longrope), which llama.cpp reads of a phi3"
              + " alone: export it --for transformers",
          config.where());
    }
    int pairs = rotary.turned() / 2;
    said.whole(Keys.LENGTH, rotary.length())
        .number(Keys.MAGNITUDE, rotary.magnitude())
        .factors(Hyperparameters.ROTARY_LONG, rotary.numbers("long_factor", pairs))
        .factors(Hyperparameters.ROTARY_SHORT, rotary.numbers("short_factor", pairs));
  }

  /** The divisor of positions; 1 by default. */
  private static double factor(Hyperparameters h) {
    double factor = h.number(Keys.FACTOR, h.number(Keys.OLD_FACTOR, 1));
    if (factor < 0) {
      throw new InputException(
          "%s: the metadata %s is %s: give a factor above 0",
          h.metadata().file(), h.key(Keys.FACTOR), factor);
    }
    return factor == 0 ? 1 : factor;
  }

  /**
   * llama.cpp multiplies rotated pairs by attn·(1 + 0.1·ln s)/(1 + 0.1·μ·ln s), where μ is {@code
   * yarn_log_multiplier}, 0 by default, and mixes the two frequencies of a pair to the degree
   * {@code yarn_ext_factor}, fully by default.
   */
  private static JsonNode yarn(Hyperparameters h, double factor) {
    double mixed = h.number("rope.scaling.yarn_ext_factor", 1);
    if (mixed >= 0 && mixed != 1) {
      throw h.unread("mixes its rotary frequencies by " + mixed + " (yarn_ext_factor)");
    }
    var first = h.wholeOrNull(Keys.LENGTH);
    var scaling =
        JsonFile.object()
            .put("rope_type", "yarn")
            .put("factor", factor)
            .put(
                "original_max_position_embeddings",
                first == null ? h.whole("context_length") : first);
    edge(h, "yarn_beta_fast", "beta_fast", scaling);
    edge(h, "yarn_beta_slow", "beta_slow", scaling);
    double mu = h.number(Keys.LOG_MULTIPLIER, 0);
    double attention = magnitude(h) / (1 + 0.1 * mu * Math.log(factor));
    if (attention != 1 || factor < 1) {
      scaling.put("attention_factor", attention * (1 + 0.1 * Math.log(factor)));
    }
    return scaling;
  }

  private static void edge(Hyperparameters h, String key, String field, ObjectNode scaling) {
    var name = "rope.scaling." + key;
    if (h.metadata().has(h.key(name))) {
      scaling.put(field, h.number(name));
    }
  }

  private static double magnitude(Hyperparameters h) {
    return h.number(Keys.MAGNITUDE, 1) * h.number("rope.scaling.yarn_attn_factor", 1);
  }

  /** Without YaRN or lists of factors, transformers does not scale rotated pairs. */
  private static void checkMagnitude(Hyperparameters h) {
    if (magnitude(h) != 1) {
      throw h.unread("multiplies turned pairs by " + magnitude(h) + " (" + Keys.MAGNITUDE + ")");
    }
  }

  /** The scaling given by tensors of factors; refuses a second scaling in addition to them. */
  private static JsonNode ofTensors(Hyperparameters h, @Nullable String type) {
    boolean scaled = "yarn".equals(type) || "linear".equals(type) || type == null;
    if (scaled && factor(h) != 1) {
      throw h.unread("scales its rotary frequencies by a tensor and by " + factor(h));
    }
    var factors = h.rotaryFactors().get(Hyperparameters.ROTARY_EVER);
    if (factors == null) {
      return byLength(h);
    }
    checkMagnitude(h);
    return ofFactors(h, factors);
  }

  private static JsonNode byLength(Hyperparameters h) {
    var shorter = h.rotaryFactors().get(Hyperparameters.ROTARY_SHORT);
    var longer = h.rotaryFactors().get(Hyperparameters.ROTARY_LONG);
    if (shorter == null || longer == null || !h.architecture().equals("phi3")) {
      throw h.unread("scales its rotary frequencies by tensors (rope_factors)");
    }
    var scaling = JsonFile.object().put("type", "longrope");
    shorter.forEach(scaling.putArray("short_factor")::add);
    longer.forEach(scaling.putArray("long_factor")::add);
    double context = h.whole("context_length");
    var first = h.wholeOrNull(Keys.LENGTH);
    double before = first == null ? context : first;
    double usual =
        context <= before ? 1 : Math.sqrt(1 + Math.log(context / before) / Math.log(before));
    double magnitude = h.number(Keys.MAGNITUDE, usual);
    if (Math.abs(magnitude - usual) > EXACT) {
      scaling.put("attention_factor", magnitude);
    }
    return scaling;
  }

  private static JsonNode ofFactors(Hyperparameters h, List<Float> factors) {
    double factor = Collections.max(factors);
    for (int length = LONGEST; length >= 2; length /= 2) {
      if (comesOf(h, factors, factor, length)) {
        return JsonFile.object()
            .put("rope_type", "llama3")
            .put("factor", factor)
            .put("low_freq_factor", LOW)
            .put("high_freq_factor", HIGH)
            .put("original_max_position_embeddings", length);
      }
    }
    throw h.unread("scales its rotary frequencies by factors (rope_freqs) that no Llama 3 has");
  }

  private static boolean comesOf(
      Hyperparameters h, List<Float> factors, double factor, int length) {
    int pairs = factors.size();
    double theta = h.number("rope.freq_base", 10_000);
    for (int i = 0; i < pairs; i++) {
      double wavelength = 2 * Math.PI * Math.pow(theta, (double) i / pairs);
      double expected = expected(wavelength, factor, LOW, HIGH, length);
      if (!(Math.abs(factors.get(i) - expected) <= EXACT * expected)) {
        return false;
      }
    }
    return 2 * pairs == h.rotaryDimension();
  }

  private static double expected(
      double wavelength, double factor, double low, double high, double length) {
    if (wavelength < length / high) {
      return 1;
    }
    if (wavelength > length / low) {
      return factor;
    }
    double s = (length / wavelength - low) / (high - low);
    return 1 / ((1 - s) / factor + s);
  }
}
