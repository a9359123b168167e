package io.lorashear.optim;

/**
 * The trial point of a group and the half-space it must stay in: LoRAShear (arXiv 2310.18356),
 * equation 2, with the rule of OTOv2 (arXiv 2303.06862).
 *
 * <pre>
 *   x̃ = x + sBA − λ·x/‖x‖            λ = ‖x‖ / r,   r = T_p − t steps left of the period
 *     = (1 − 1/r)·x + sBA            so that, where BA is zero, x falls on a straight line to zero
 *
 *   x ← 0   if  r = 1  or  ⟨x̃, x⟩ &lt; ε‖x‖²
 *   x ← x̃   otherwise
 *
 *   ⟨x̃, x⟩ = (1 − 1/r)·‖x‖² + ⟨sBA, x⟩         two sums a group decide, x̃ is not needed for it: {@link
 *                                                    io.lorashear.torch.kernel.HalfSpaceKernels}
 * </pre>
 *
 * @param epsilon in [0, 1); 0 removes latest
 */
record HalfSpace(double epsilon) {

  /** λ·/‖x‖ taken off: what is left of x with {@code left} steps to go, this one included. */
  static double keep(int left) {
    return 1 - 1.0 / left;
  }
}
