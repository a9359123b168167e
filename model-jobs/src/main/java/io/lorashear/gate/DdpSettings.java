package io.lorashear.gate;

import io.lorashear.optim.AdamSettings;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;

/**
 * How the masks of Deterministic Differentiable Pruning are trained. The published run took 1,000
 * steps of about 30,000 tokens, at rates of 0.02, 0.02 and 0.4; with fewer steps, masks get as far
 * at higher rates, here in the same proportion.
 *
 * @param steps number of steps
 * @param rate peak rate of the masks z; {@code train.schedule} and {@code train.warmup} shape it
 * @param multiplierRate peak rate of λ and ψ
 * @param squareRate peak rate of φ
 * @param firstMean μ₀: z at which half of a group counts, at the first step, in (0, 1]
 * @param lastMean μ₁: the same at the last step, in (0, firstMean]
 * @param distillation κ, weight of KL(dense ‖ masked), added to the next-token loss; 0: none
 * @param top number of most likely tokens of the dense model at each position that the divergence
 *     distinguishes; all others count as one
 */
public record DdpSettings(
    @Default("200") long steps,
    @Default("0.05") double rate,
    @Default("0.05") double multiplierRate,
    @Default("1.0") double squareRate,
    @Default("0.5") double firstMean,
    @Default("0.1") double lastMean,
    @Default("2.0") double distillation,
    @Default("64") int top) {

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(steps >= 2, "steps", "is %s: masks need at least 2 steps to learn", steps);
    problems.require(rate > 0, "rate", "is %s: give a positive number, for example 0.05", rate);
    problems.require(
        multiplierRate > 0,
        "multiplierRate",
        "is %s: give a positive number, for example 0.05",
        multiplierRate);
    problems.require(
        squareRate > 0, "squareRate", "is %s: give a positive number, for example 1.0", squareRate);
    problems.require(
        lastMean > 0 && lastMean <= firstMean && firstMean <= 1,
        "firstMean",
        "is %s and lastMean is %s: give 0 < lastMean <= firstMean <= 1",
        firstMean,
        lastMean);
    problems.require(
        distillation >= 0,
        "distillation",
        "is %s: give a weight, or 0 to learn from the next token alone",
        distillation);
    problems.require(top >= 1, "top", "is %s: give at least 1 token of each position", top);
  }

  /** The masks' rule. */
  public MaskRule rule() {
    return new RectifiedGate(firstMean, lastMean, steps);
  }

  /**
   * The rates of masks and multipliers; the loss includes both terms, and {@link #share} is the
   * teacher's.
   */
  public GateRates rates(AdamSettings adam) {
    return new GateRates(
        rate, multiplierRate, squareRate, multiplierRate, 0, 1 + distillation, adam);
  }

  /** κ/(1 + κ), the teacher's weight in a loss whose weights add up to 1. */
  public double share() {
    return distillation / (1 + distillation);
  }
}
