package io.lorashear.gate;

import io.lorashear.gate.MaskRule.Curve;
import java.util.List;

/** What is to come to a share of what there is when all masks are open. */
sealed interface Constraint permits Lagrangian.Part, ExpectedParameters {

  /** t, in [0, 1]. */
  double share();

  /** What is open, as a share. */
  double open(List<Curve> counts);

  /** Σ w s(1 − s) / Σ w, how far masks are from 0 and 1. */
  double undecided(List<Curve> counts);

  /**
   * Adds to the gradients of the groups' parameters.
   *
   * @param slope of the whole by what is open
   * @param binary of the whole by what is undecided
   */
  void addGradient(List<Curve> counts, double slope, double binary, List<double[]> gradients);
}
