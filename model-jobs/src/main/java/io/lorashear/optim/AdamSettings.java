package io.lorashear.optim;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;

/**
 * Constants of AdamW.
 *
 * @param beta1 share of the mean of gradients that is kept each step, in [0, 1)
 * @param beta2 share of the mean of squared gradients that is kept each step, in [0, 1)
 * @param epsilon added to the root of the second mean, above 0
 * @param decay weight decay: share of the weight subtracted each step, times the learning rate, at
 *     least 0
 */
public record AdamSettings(
    @Default("0.9") double beta1,
    @Default("0.999") double beta2,
    @Default("1e-8") double epsilon,
    @Default("0.0") double decay) {

  /** The usual constants, without decay. */
  public static final AdamSettings USUAL = new AdamSettings(0.9, 0.999, 1e-8, 0);

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(beta1 >= 0 && beta1 < 1, "beta1", "is %s: give a number in [0, 1)", beta1);
    problems.require(beta2 >= 0 && beta2 < 1, "beta2", "is %s: give a number in [0, 1)", beta2);
    problems.require(epsilon > 0, "epsilon", "is %s: give a small number above 0", epsilon);
    problems.require(decay >= 0, "decay", "is %s: give a number of at least 0", decay);
  }
}
