package io.lorashear.gate;

import io.lorashear.optim.AdamSettings;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;

/**
 * How Sheared-LLaMA's masks are trained. The published run took 3,200 steps of 131,072 tokens; the
 * target grew over the first fifth of them.
 *
 * @param steps number of steps
 * @param growth share of the steps over which the target grows to its full value, in [0, 1]
 * @param rate peak rate of the masks' log α; {@code train.schedule} and {@code train.warmup} shape
 *     it
 * @param multiplierRate peak rate of λ and φ
 * @param layers number of layers that stay, chosen by masks on whole layers; 0: all stay
 * @param hidden number of channels of the residual stream that stay, chosen by masks on them; 0:
 *     all stay
 * @param temperature β of the hard-concrete distribution, in (0, 1]
 */
public record ShearedSettings(
    @Default("320") long steps,
    @Default("0.2") double growth,
    @Default("1.0") double rate,
    @Default("1.0") double multiplierRate,
    @Default("0") int layers,
    @Default("0") int hidden,
    @Default("0.6667") double temperature) {

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(steps >= 2, "steps", "is %s: masks need at least 2 steps to learn", steps);
    problems.require(
        growth >= 0 && growth <= 1, "growth", "is %s: give a share of the steps in [0, 1]", growth);
    problems.require(rate > 0, "rate", "is %s: give a positive number, for example 1.0", rate);
    problems.require(
        multiplierRate > 0,
        "multiplierRate",
        "is %s: give a positive number, for example 1.0",
        multiplierRate);
    problems.require(layers >= 0, "layers", "is %s: give how many are left, or 0 for all", layers);
    problems.require(hidden >= 0, "hidden", "is %s: give how many are left, or 0 for all", hidden);
    problems.require(
        temperature > 0 && temperature <= 1,
        "temperature",
        "is %s: give a number in (0, 1], for example 0.6667",
        temperature);
  }

  /** The masks' rule. */
  public MaskRule rule() {
    return new HardConcrete(temperature);
  }

  /** The rates of masks and multipliers. */
  public GateRates rates(AdamSettings adam) {
    long grown = Math.round(growth * steps);
    return new GateRates(rate, multiplierRate, multiplierRate, 0, grown, 1, adam);
  }
}
