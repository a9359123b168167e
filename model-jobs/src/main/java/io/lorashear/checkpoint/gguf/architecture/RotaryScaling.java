package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.lorashear.checkpoint.JsonFile;
import java.util.Collections;
import java.util.List;

/**
 * {@code rope_scaling} of config.json. Llama 3.1's is stored as its outcome, a factor for every
 * rotary pair; here it is turned back into the parameters of which it came:
 *
 * <pre>
 *   wavelength = 2π·θ^(2i/d)
 *   1                      wavelength &lt; L/high
 *   factor                 wavelength &gt; L/low
 *   1/((1−s)/factor + s)   between,  s = (L/wavelength − low)/(high − low)
 * </pre>
 *
 * with low 1 and high 4, as in every Llama 3 there is, and L sought among the powers of two;
 * factors that do not come out of it are refused. Phi-3 has one list for short texts and one for
 * long ones.
 */
final class RotaryScaling {
  private static final double LOW = 1;
  private static final double HIGH = 4;
  private static final int LONGEST = 1 << 20;
  private static final double EXACT = 1e-4; // relative; factors are stored in float32

  private RotaryScaling() {}

  static JsonNode of(Hyperparameters h) {
    var factors = h.rotaryFactors().get(Hyperparameters.ROTARY_EVER);
    if (factors != null) {
      return ofFactors(h, factors);
    }
    if (!h.rotaryFactors().isEmpty()) {
      return byLength(h);
    }
    var type = h.metadata().textOrNull(h.key("rope.scaling.type"));
    if (type == null || type.equals("none")) {
      return NullNode.getInstance();
    }
    if (type.equals("linear")) {
      return JsonFile.object()
          .put("rope_type", "linear")
          .put("factor", h.number("rope.scaling.factor"));
    }
    throw h.unread("scales its rotary frequencies by '" + type + "'");
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
    var first = h.wholeOrNull("rope.scaling.original_context_length");
    double before = first == null ? context : first;
    double usual =
        context <= before ? 1 : Math.sqrt(1 + Math.log(context / before) / Math.log(before));
    double magnitude = h.number("rope.scaling.attn_factor", usual);
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
      double expected = expected(wavelength, factor, length);
      if (!(Math.abs(factors.get(i) - expected) <= EXACT * expected)) {
        return false;
      }
    }
    return 2 * pairs == h.rotaryDimension();
  }

  private static double expected(double wavelength, double factor, int length) {
    if (wavelength < length / HIGH) {
      return 1;
    }
    if (wavelength > length / LOW) {
      return factor;
    }
    double s = (length / wavelength - LOW) / (HIGH - LOW);
    return 1 / ((1 - s) / factor + s);
  }
}
