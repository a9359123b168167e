package io.lorashear.gate;

import io.lorashear.optim.AdamSettings;

/**
 * How masks and multipliers move.
 *
 * @param masks rate of the masks at its peak, above 0; a schedule lets it rise and fall, and those
 *     of the multipliers with it
 * @param linear rate of λ at the same time, at least 0
 * @param square rate of φ, at least 0
 * @param binary rate of ψ, at least 0
 * @param growth K, steps over which the target grows, at least 0
 * @param lossWeight what the loss is multiplied by before the terms of the budget are added
 * @param adam of the masks; the multipliers know no decay
 */
public record GateRates(
    double masks,
    double linear,
    double square,
    double binary,
    long growth,
    double lossWeight,
    AdamSettings adam) {

  /** The multipliers' as multiples of the masks'. */
  Lagrangian.Rates multipliers() {
    return new Lagrangian.Rates(linear / masks, square / masks, binary / masks);
  }
}
