package io.lorashear.gate;

import io.lorashear.gate.MaskRule.Curve;
import java.util.List;

/** A quantity that is to reach a given share of its value with all masks open. */
sealed interface Constraint permits Lagrangian.Part, ExpectedParameters {

  /** t, in [0, 1]. */
  double share();

  /** The current share. */
  double open(List<Curve> counts);

  /** Σ w s(1 − s) / Σ w, how far masks are from 0 and 1. */
  double undecided(List<Curve> counts);

  /**
   * Adds to the gradients of the groups' parameters.
   *
   * @param slope derivative of the whole with respect to the open share
   * @param binary derivative of the whole with respect to the undecided share
   */
  void addGradient(List<Curve> counts, double slope, double binary, List<double[]> gradients);
}
