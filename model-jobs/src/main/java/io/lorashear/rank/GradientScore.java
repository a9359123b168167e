package io.lorashear.rank;

/**
 * PrunedLoRA's score (arXiv 2510.00192): the rise of the loss when a component is removed and the
 * others compensate, reduced to the terms that differ between components.
 *
 * <pre>
 *   S_j = ½‖W_j − (G H⁻¹)_j‖² / [H⁻¹]_jj          W = B and Aᵀ, added up
 *       = ½‖W_j‖² / [H⁻¹]_jj − ⟨W_j, (G H⁻¹)_j⟩ / [H⁻¹]_jj + ½‖(G H⁻¹)_j‖² / [H⁻¹]_jj
 * </pre>
 *
 * The last term is left out: with H = GᵀG it is ½ for every component. G is the gradient of the
 * step over all its micro-batches; H is that of {@link Curvature}.
 */
record GradientScore(Curvature curvature) implements RankScore {
  @Override
  public double[] of(int pair, int[] kept) {
    return curvature.scores(pair, kept);
  }
}
