package io.lorashear.family;

import io.lorashear.InputException;
import io.lorashear.graph.RotaryTable;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The frequencies of rotary pairs, in radians per position: {@code f_i = θ^(−2i/d)} (RoFormer,
 * arXiv 2104.09864), and for long contexts
 *
 * <pre>
 *   linear     f/factor
 *   dynamic    θ ← θ·(s·N/L − s + 1)^(d/(d−2))   in texts of N tokens, more than the
 *                                                model's L positions
 *   llama3     wavelength = 2π/f
 *              f            wavelength &lt; L/high
 *              f/factor     wavelength &gt; L/low
 *              (1−s)·f/factor + s·f   between,  s = (L/wavelength − low)/(high − low)
 *   longrope   f_i/short_i   in texts of at most L tokens     m = √(1 + ln(N/L)/ln L), at least 1
 *              f_i/long_i    in longer ones                   N positions now, L before
 *              cosines and sines · m                          (LongRoPE, arXiv 2402.13753)
 *   yarn       see {@link Yarn}
 * </pre>
 */
record RotaryFrequencies(RotaryParameters said) {
  private static final double LONGEST = 1 << 24;

  /**
   * The frequencies for heads of one type of layer: half as many as features of a head are rotated.
   */
  static RotaryTable of(ModelConfig config, String layers) {
    return new RotaryFrequencies(RotaryParameters.of(config, layers)).table();
  }

  /**
   * Number of tokens of the longest texts the model is made for. YaRN and dynamic scaling are set
   * by the user of a model; its configuration then often keeps the original number of positions.
   */
  static int longest(ModelConfig config) {
    var said = RotaryParameters.of(config, RotaryParameters.FULL);
    int stated = config.statedPositions();
    return switch (said.kind()) {
      case "dynamic" -> (int) Math.min(LONGEST, stated * Math.max(1, said.number("factor")));
      case "yarn" -> (int) Math.min(LONGEST, Math.max(stated, said.length() * said.factor()));
      default -> stated;
    };
  }

  RotaryTable table() {
    int d = said.turned();
    double theta = said.theta();
    IntToDoubleFunction plain = i -> Math.pow(theta, -2.0 * i / d);
    return switch (said.kind()) {
      case "linear" -> even(d, i -> plain.applyAsDouble(i) / said.number("factor"));
      case "dynamic" -> dynamic(list(d, plain));
      case "llama3" -> even(d, i -> llama3(plain.applyAsDouble(i)));
      case "longrope" -> longrope(d, plain);
      case "yarn" -> Yarn.table(said);
      default -> even(d, plain);
    };
  }

  private static RotaryTable even(int d, IntToDoubleFunction frequency) {
    return RotaryTable.of(list(d, frequency));
  }

  static List<Double> list(int d, IntToDoubleFunction frequency) {
    return IntStream.range(0, d / 2).mapToDouble(frequency).boxed().toList();
  }

  private double llama3(double f) {
    double factor = said.number("factor");
    double low = said.number("low_freq_factor");
    double high = said.number("high_freq_factor");
    double length = said.number(RotaryParameters.LENGTH);
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

  private RotaryTable dynamic(List<Double> plain) {
    var config = said.config();
    var first = RotaryParameters.LENGTH;
    if (said.number(first, config.statedPositions()) != config.statedPositions()) {
      throw new InputException(
          "%s: %s.%s is %s, but dynamic scaling begins at max_position_embeddings, which is %d:"
              + " give one number for both",
          config.where(), said.place(), first, said.fields().get(first), config.statedPositions());
    }
    return RotaryTable.growing(plain, config.statedPositions(), said.number("factor"));
  }

  private RotaryTable longrope(int d, IntToDoubleFunction plain) {
    var shorter = said.numbers("short_factor", d / 2);
    var longer = said.numbers("long_factor", d / 2);
    int before = said.length();
    double factor = said.number("factor", (double) said.config().statedPositions() / before);
    double usual = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(before));
    return RotaryTable.changing(
            list(d, i -> plain.applyAsDouble(i) / shorter.get(i)),
            list(d, i -> plain.applyAsDouble(i) / longer.get(i)),
            before)
        .times(said.number("attention_factor", usual));
  }
}
