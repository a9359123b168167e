package io.lorashear.gate;

import io.lorashear.optim.AdamSettings;

/**
 * The learning rates of masks and multipliers.
 *
 * @param masks peak rate of the masks, above 0; the schedule scales it and the rates of the
 *     multipliers alike
 * @param linear peak rate of λ, at least 0
 * @param square peak rate of φ, at least 0
 * @param binary peak rate of ψ, at least 0
 * @param growth K, steps over which the target grows, at least 0
 * @param lossWeight factor on the loss before the terms of the budget are added
 * @param adam constants for the masks; the multipliers have no decay
 */
public record GateRates(
    double masks,
    double linear,
    double square,
    double binary,
    long growth,
    double lossWeight,
    AdamSettings adam) {

  /** The same with other constants for the masks. */
  public GateRates with(AdamSettings other) {
    return new GateRates(masks, linear, square, binary, growth, lossWeight, other);
  }

  /** The rates of the multipliers as multiples of the masks' rate. */
  Lagrangian.Rates multipliers() {
    return new Lagrangian.Rates(linear / masks, square / masks, binary / masks);
  }
}
