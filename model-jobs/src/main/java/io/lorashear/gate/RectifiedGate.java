package io.lorashear.gate;

import java.util.SplittableRandom;

/**
 * The gate of Deterministic Differentiable Pruning (arXiv 2603.08065): nothing is drawn, and a
 * factor may grow beyond 1.
 *
 * <pre>
 *   m = max(0, z)                                     z ~ normal(1, 0.01), bounded below by −0.1
 *   s = min(1, max(0, 1.2·σ(2.4(m − μ)/μ) − 0.1))     its share of the count
 *   μ = μ₀ − (μ₀ − μ₁)·√(step / steps)                ever steeper, approaching [z &gt; 0]
 *   ∂m/∂z = 1,  ∂s/∂z = 1.2·2.4/μ·σ(1 − σ)            straight through both bounds, so that
 *                                                     closed gates can open again
 * </pre>
 *
 * @param firstMean μ₀, in (0, 1]
 * @param lastMean μ₁, in (0, μ₀]
 * @param steps number of steps, at least 1
 */
public record RectifiedGate(double firstMean, double lastMean, long steps) implements MaskRule {
  private static final double STRETCH = 1.2;
  private static final double SHIFT = -0.1;
  private static final double STEEPNESS = 2.4;
  private static final double SPREAD = 0.01;
  private static final double LEAST = -0.1;

  @Override
  public float[] first(int size, SplittableRandom random) {
    var parameters = new float[size];
    for (int g = 0; g < size; g++) {
      parameters[g] = (float) (1 + SPREAD * random.nextGaussian());
    }
    return parameters;
  }

  @Override
  public Curve factors(float[] parameters, SplittableRandom random) {
    var factors = Curve.of(parameters.length);
    for (int g = 0; g < parameters.length; g++) {
      factors.values()[g] = kept(parameters[g]);
      factors.slopes()[g] = 1;
    }
    return factors;
  }

  @Override
  public Curve counts(float[] parameters, long step) {
    double mu = mean(step);
    var counts = Curve.of(parameters.length);
    for (int g = 0; g < parameters.length; g++) {
      double sigma = HardConcrete.sigmoid(STEEPNESS * (kept(parameters[g]) - mu) / mu);
      counts.values()[g] = Math.min(1, Math.max(0, STRETCH * sigma + SHIFT));
      counts.slopes()[g] = STRETCH * STEEPNESS / mu * sigma * (1 - sigma);
    }
    return counts;
  }

  /** μ at a step. */
  double mean(long step) {
    return firstMean - (firstMean - lastMean) * Math.sqrt(Math.min(1, (double) step / steps));
  }

  @Override
  public double bounded(double z) {
    return Math.max(LEAST, z);
  }

  @Override
  public double kept(double z) {
    return Math.max(0, z);
  }

  @Override
  public double score(double z) {
    return z - LEAST;
  }
}
