package io.lorashear.gate;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The hard-concrete distribution of Louizos, Welling and Kingma (arXiv 1712.01312, equations 10 to
 * 12), with the constants of Sheared-LLaMA's code.
 *
 * <pre>
 *   u ~ uniform(0, 1)
 *   s = σ((log u − log(1 − u) + log α) / β)
 *   m = min(1, max(0, s(ζ − γ) + γ))
 *   ∂m/∂log α = (ζ − γ) s(1 − s) / β          where 0 &lt; m &lt; 1, else 0
 *   P(m ≠ 0)  = σ(log α − β log(−γ/ζ))
 *   γ = −0.1,  ζ = 1.1,  log α in [log 0.01, log 100]
 * </pre>
 *
 * @param beta β, temperature above 0; the smaller, the more draws are exactly 0 or 1
 */
public record HardConcrete(double beta) implements MaskRule {
  private static final double GAMMA = -0.1;
  private static final double ZETA = 1.1;

  /** Draws of u keep this distance from 0 and 1. */
  private static final double MARGIN = 1e-6;

  /** Sheared-LLaMA's "magical number": the factor on log α / β when nothing is drawn. */
  private static final double CERTAINTY = 0.8;

  private static final double LEAST = Math.log(1e-2);
  private static final double MOST = Math.log(1e2);

  /** Open: Sheared-LLaMA draws around 5 and then bounds at log 100, so that all start there. */
  @Override
  public float[] first(int size, SplittableRandom random) {
    var parameters = new float[size];
    Arrays.fill(parameters, (float) MOST);
    return parameters;
  }

  @Override
  public Curve factors(float[] parameters, SplittableRandom random) {
    var factors = Curve.of(parameters.length);
    for (int g = 0; g < parameters.length; g++) {
      double u = MARGIN + (1 - 2 * MARGIN) * random.nextDouble();
      factors.values()[g] = factor(parameters[g], u);
      factors.slopes()[g] = slope(parameters[g], u);
    }
    return factors;
  }

  /** m for the draw {@code u}. */
  double factor(double logAlpha, double u) {
    return Math.min(1, Math.max(0, stretched(logAlpha, u)));
  }

  /** ∂m/∂log α for the draw {@code u}. */
  double slope(double logAlpha, double u) {
    double stretched = stretched(logAlpha, u);
    double s = s(logAlpha, u);
    return stretched > 0 && stretched < 1 ? (ZETA - GAMMA) * s * (1 - s) / beta : 0;
  }

  private double stretched(double logAlpha, double u) {
    return s(logAlpha, u) * (ZETA - GAMMA) + GAMMA;
  }

  private double s(double logAlpha, double u) {
    return sigmoid((Math.log(u) - Math.log(1 - u) + logAlpha) / beta);
  }

  @Override
  public Curve counts(float[] parameters, long step) {
    var counts = Curve.of(parameters.length);
    for (int g = 0; g < parameters.length; g++) {
      double open = open(parameters[g]);
      counts.values()[g] = open;
      counts.slopes()[g] = open * (1 - open);
    }
    return counts;
  }

  /** P(m ≠ 0). */
  double open(double logAlpha) {
    return sigmoid(logAlpha - beta * Math.log(-GAMMA / ZETA));
  }

  @Override
  public double bounded(double logAlpha) {
    return Math.min(MOST, Math.max(LEAST, logAlpha));
  }

  @Override
  public double kept(double logAlpha) {
    return sigmoid(CERTAINTY * logAlpha / beta);
  }

  @Override
  public double score(double logAlpha) {
    return Math.max(0, logAlpha - LEAST);
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
