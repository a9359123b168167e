package io.lorashear.optim;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;

/**
 * Steps and cuts of LoRAPrune.
 *
 * @param steps number of steps
 * @param every steps from one cut to the next
 * @param decay β of the moving average, in [0, 1)
 * @param warmup share of the steps before the first cut
 * @param coolDown share of the steps after the last cut
 */
public record LoraPruneSettings(
    @Default("128") int steps,
    @Default("10") int every,
    @Default("0.9") double decay,
    @Default("0.1") double warmup,
    @Default("0.1") double coolDown) {

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(every >= 1, "every", "is %s: give at least 1 step", every);
    problems.require(decay >= 0 && decay < 1, "decay", "is %s: give a number in [0, 1)", decay);
    problems.require(
        warmup >= 0 && coolDown >= 0 && warmup + coolDown < 1,
        "warmup",
        "is %s and coolDown %s: give shares of the steps that leave some between them",
        warmup,
        coolDown);
    problems.require(
        lastCut() - firstCut() >= every,
        "steps",
        "is %s: between warmup (%s) and coolDown (%s) there must be %s steps, one cut to the"
            + " next",
        steps,
        warmup,
        coolDown,
        every);
  }

  /** Steps before the first cut. */
  int firstCut() {
    return (int) Math.ceil(warmup * steps);
  }

  /** The step after which the whole budget is removed. */
  int lastCut() {
    return (int) Math.floor((1 - coolDown) * steps);
  }

  /** Whether groups are removed after {@code step} steps. */
  boolean cuts(int step) {
    boolean between = step > firstCut() && step < lastCut();
    return step == lastCut() || between && (step - firstCut()) % every == 0;
  }

  /** s_t: the share of the budget that is removed after {@code step} steps. */
  double share(int step) {
    double t = (double) (step - firstCut()) / (lastCut() - firstCut());
    return 1 - Math.pow(1 - Math.min(1, Math.max(0, t)), 3);
  }
}
