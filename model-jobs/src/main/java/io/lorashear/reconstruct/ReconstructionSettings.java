package io.lorashear.reconstruct;

import io.lorashear.compensate.CompensationSettings.Towards;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Settings;

/**
 * Training of every attention and MLP of the smaller model by itself, towards what it is in the
 * dense model.
 *
 * @param steps steps of each attention and MLP; 0: none
 * @param learningRate first learning rate of each, which falls to 0 as a cosine
 * @param rows rows of each source that they are trained on
 * @param rank components of the LoRA pairs that are trained and folded; 0: the weights themselves
 * @param towards what is compared: dense, what an attention or MLP says; stream, what the residual
 *     stream holds after it
 */
public record ReconstructionSettings(
    @Default("0") int steps,
    @Default("1e-3") double learningRate,
    @Default("8") int rows,
    @Default("8") int rank,
    @Default("dense") Towards towards) {

  /** Whether there is any. */
  public boolean wanted() {
    return steps > 0;
  }

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(steps >= 0, "steps", "is %s: give a number of steps, or 0 for none", steps);
    problems.require(
        learningRate > 0,
        "learningRate",
        "is %s: give a positive number, for example 1e-3",
        learningRate);
    problems.require(rows >= 1, "rows", "is %s: at least one row of every source is needed", rows);
    problems.require(
        rank >= 0 && rank <= 4096,
        "rank",
        "is %s: give a whole number up to 4096, or 0 to train the weights themselves",
        rank);
    problems.require(
        towards != Towards.PRUNED,
        "towards",
        "is %s, but only the dense model can be a target: give dense or stream",
        Settings.word(towards));
  }
}
