package io.lorashear.optim;

/**
 * The trial point of a group and the half-space it must stay in: LoRAShear (arXiv 2310.18356),
 * equation 2, with the rule of OTOv2 (arXiv 2303.06862).
 *
 * <pre>
 *   x̃ = x + sBA − λ·x/‖x‖            λ = ‖x‖ / r,   r = T_p − t steps left of the period
 *     = (1 − 1/r)·x + sBA            so that x shrinks linearly to zero where BA is zero
 *
 *   x ← 0   if  r = 1  or  ⟨x̃, x⟩ &lt; ε‖x‖²
 *   x ← x̃   otherwise
 *
 *   ⟨x̃, x⟩ = (1 − 1/r)·‖x‖² + ⟨sBA, x⟩         two sums per group decide; x̃ is not needed: {@link
 *                                                    io.lorashear.torch.kernel.HalfSpaceKernels}
 * </pre>
 *
 * @param epsilon in [0, 1); 0 removes latest
 */
record HalfSpace(double epsilon) {

  /** 1 − λ/‖x‖: the share of x that is kept with {@code left} steps to go, this one included. */
  static double keep(int left) {
    return 1 - 1.0 / left;
  }
}
