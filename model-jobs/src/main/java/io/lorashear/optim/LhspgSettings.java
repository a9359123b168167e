package io.lorashear.optim;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;

/**
 * Steps and periods of LHSPG.
 *
 * @param mode paper: LoRA's product is folded into redundant groups at every step and into
 *     important ones at every period's end; oto: as the released code does, groups and their rows
 *     of B shrink together, without half-space, and folding waits until the end
 * @param warmupSteps T_w, steps before the first scores
 * @param periods P, number of periods
 * @param stepsPerPeriod T_p, steps of a period
 * @param coolDownSteps steps after the last period, with all chosen groups at zero
 * @param epsilon half-space constant in [0, 1); 0 prunes latest
 */
public record LhspgSettings(
    @Default("paper") Mode mode,
    @Default("16") int warmupSteps,
    @Default("4") int periods,
    @Default("10") int stepsPerPeriod,
    @Default("8") int coolDownSteps,
    @Default("0") double epsilon) {

  /** Which form of the algorithm. */
  public enum Mode {
    PAPER,
    OTO
  }

  /** All steps. */
  public int steps() {
    return warmupSteps + periods * stepsPerPeriod + coolDownSteps;
  }

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(
        warmupSteps >= 0, "warmupSteps", "is %s: give a whole number of at least 0", warmupSteps);
    problems.require(periods >= 1, "periods", "is %s: at least one period is needed", periods);
    problems.require(
        stepsPerPeriod >= 2,
        "stepsPerPeriod",
        "is %s: a period needs at least 2 steps to shrink its groups",
        stepsPerPeriod);
    problems.require(
        coolDownSteps >= 0,
        "coolDownSteps",
        "is %s: give a whole number of at least 0",
        coolDownSteps);
    problems.require(
        epsilon >= 0 && epsilon < 1, "epsilon", "is %s: give a number in [0, 1)", epsilon);
  }
}
