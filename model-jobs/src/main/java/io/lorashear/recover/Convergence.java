package io.lorashear.recover;

import java.util.List;

/**
 * When recovery stops: when the mean validation loss improved by less than the share {@code
 * improvement} in each of the last {@code patience} rounds.
 */
public record Convergence(double improvement, int patience) {
  /** Less than 0.5 % per round, in two consecutive rounds. */
  public static final Convergence USUAL = new Convergence(0.005, 2);

  /** Every round runs. */
  public static final Convergence NEVER = new Convergence(0, Integer.MAX_VALUE);

  /**
   * Whether to stop.
   *
   * @param losses mean validation losses: before the first round, then after each round
   */
  public boolean reached(List<Double> losses) {
    int flat = 0;
    double best = losses.isEmpty() ? 0 : losses.get(0);
    for (double loss : losses.subList(Math.min(1, losses.size()), losses.size())) {
      flat = loss > best * (1 - improvement) ? flat + 1 : 0;
      best = Math.min(best, loss);
    }
    return flat >= patience;
  }
}
