package io.lorashear.family;

import io.lorashear.InputException;
import io.lorashear.graph.RotaryTable;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;

/**
 * YaRN (arXiv 2309.00071): pairs that rotate often within the original text length keep their
 * frequency, those that do not rotate once are slowed by the factor by which texts became longer,
 * and a ramp over the pairs lies in between.
 *
 * <pre>
 *   f_i ← (1 − γ_i)·f_i + γ_i·f_i/s        γ_i = (i − low)/(high − low), at least 0 and at most 1
 *   low = c(β_fast), high = c(β_slow)      c(r) = d·ln(L/(2π·r)) / (2·ln θ), the pair that
 *                                          rotates r times
 *   cosines and sines · m(s)               m(s) = 0.1·ln s + 1
 * </pre>
 *
 * Low is rounded down and high up unless {@code truncate} is false; they are kept between 0 and d −
 * 1. Instead of m the file may give {@code attention_factor} or, as DeepSeek's files do, a μ for
 * each of two magnitudes, m = (0.1·μ·ln s + 1)/(0.1·μ_all·ln s + 1).
 */
record Yarn(RotaryParameters said, double factor) {
  /**
   * The fields it reads; {@code finetuned}, which the authors' own code writes, only says how the
   * model was made.
   */
  static final Set<String> READ =
      Set.of(
          "attention_factor",
          "attn_factor",
          "beta_fast",
          "beta_slow",
          "extrapolation_factor",
          "factor",
          "finetuned",
          "mscale",
          "mscale_all_dim",
          RotaryParameters.LENGTH,
          "truncate");

  private static final double NARROWEST = 1e-3; // of a ramp, in pairs

  static RotaryTable table(RotaryParameters said) {
    return new Yarn(said, said.factor()).table();
  }

  private RotaryTable table() {
    checkFactors();
    int d = said.turned();
    double theta = said.theta();
    if (theta <= 1) {
      throw new InputException(
          "%s: rope_theta is %s: a rotary type of yarn needs a number above 1",
          said.config().where(), theta);
    }
    double low = Math.max(0, edge(said.number("beta_fast", 32), d, theta, Math::floor));
    double high = Math.min(d - 1, edge(said.number("beta_slow", 1), d, theta, Math::ceil));
    double width = low == high ? NARROWEST : high - low;
    IntToDoubleFunction frequency =
        i -> {
          double gamma = Math.min(1, Math.max(0, (i - low) / width));
          double plain = Math.pow(theta, -2.0 * i / d);
          return (1 - gamma) * plain + gamma * plain / factor;
        };
    return RotaryTable.of(RotaryFrequencies.list(d, frequency)).times(magnitude());
  }

  /** Fields that vLLM reads and transformers does not are accepted if they change nothing. */
  private void checkFactors() {
    double own = said.number("attn_factor", 1);
    if (own != 1) {
      throw new InputException(
          "%s: %s.attn_factor is %s: transformers passes over it, vLLM multiplies turned pairs by"
              + " it. Write attention_factor in its place: %s to do as vLLM, %s as transformers",
          said.config().where(),
          said.place(),
          own,
          (float) (own * magnitude()),
          (float) magnitude());
    }
    if (said.number("extrapolation_factor", 1) != 1) {
      throw new InputException(
          "%s: %s.extrapolation_factor is %s: known is 1",
          said.config().where(), said.place(), said.number("extrapolation_factor"));
    }
  }

  /** c(r), rounded unless {@code truncate} is false. */
  private double edge(double turns, int d, double theta, DoubleUnaryOperator rounding) {
    double pair = d * Math.log(said.length() / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
    return said.flag("truncate", true) ? rounding.applyAsDouble(pair) : pair;
  }

  private double magnitude() {
    if (said.has("attention_factor")) {
      return said.number("attention_factor");
    }
    return said.has("mscale") && said.has("mscale_all_dim")
        ? magnitude(said.number("mscale")) / magnitude(said.number("mscale_all_dim"))
        : magnitude(1);
  }

  private double magnitude(double mu) {
    return factor <= 1 ? 1 : 0.1 * mu * Math.log(factor) + 1;
  }
}
