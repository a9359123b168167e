package io.lorashear.optim;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;

/**
 * Constants of AdamW.
 *
 * <pre>
 *   β₂ = ½^(tokens of a step / half-life)     if there is a half-life
 * </pre>
 *
 * So β₂ averages squared gradients over the same number of tokens whatever the size of a step
 * (Small Batch Size Training for Language Models, arXiv 2507.07101).
 *
 * @param beta1 share of the mean of gradients that is kept each step, in [0, 1)
 * @param beta2 share of the mean of squared gradients that is kept each step, in [0, 1); not with
 *     {@code beta2HalfLife}
 * @param epsilon added to the root of the second mean, above 0
 * @param decay weight decay: share of the weight subtracted each step, times the learning rate, at
 *     least 0
 * @param beta2HalfLife tokens, padding included, after which the mean of squared gradients has
 *     forgotten half, whatever the number of tokens in a step; 0: {@code beta2} for every step
 */
public record AdamSettings(
    @Default("0.9") double beta1,
    @Default("0.999") double beta2,
    @Default("1e-8") double epsilon,
    @Default("0.0") double decay,
    @Default("0") long beta2HalfLife) {
  private static final double BETA2 = 0.999;

  /** The usual constants, without decay. */
  public static final AdamSettings USUAL = new AdamSettings(0.9, BETA2, 1e-8, 0);

  /** The same share is kept at every step. */
  public AdamSettings(double beta1, double beta2, double epsilon, double decay) {
    this(beta1, beta2, epsilon, decay, 0);
  }

  /**
   * The same for steps of so many tokens: β₂ follows from the half-life, if there is one.
   *
   * @param tokens of a step, at least 1
   */
  public AdamSettings at(long tokens) {
    return beta2HalfLife == 0
        ? this
        : new AdamSettings(beta1, Math.pow(0.5, (double) tokens / beta2HalfLife), epsilon, decay);
  }

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(beta1 >= 0 && beta1 < 1, "beta1", "is %s: give a number in [0, 1)", beta1);
    problems.require(beta2 >= 0 && beta2 < 1, "beta2", "is %s: give a number in [0, 1)", beta2);
    problems.require(epsilon > 0, "epsilon", "is %s: give a small number above 0", epsilon);
    problems.require(
        beta2HalfLife >= 0,
        "beta2HalfLife",
        "is %s: give a number of tokens, for example 1000000, or 0 to go by beta2",
        beta2HalfLife);
    problems.require(
        beta2HalfLife <= 0 || beta2 == BETA2,
        "beta2HalfLife",
        "is %s, and beta2 is %s: give one of them, beta2 follows from the half-life",
        beta2HalfLife,
        beta2);
    problems.require(decay >= 0, "decay", "is %s: give a number of at least 0", decay);
  }
}
