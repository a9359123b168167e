package io.lorashear.saliency;

import java.util.List;

/**
 * Scores of the groups of every axis, measured with true gradients.
 *
 * @param gradient {@link GradientTaylor}'s; empty where its weight is 0
 * @param fisher {@link FisherScore}'s; empty where its weight is 0
 */
public record MeasuredScores(List<double[]> gradient, List<double[]> fisher) {
  /** Nothing measured. */
  public static final MeasuredScores NONE = new MeasuredScores(List.of(), List.of());
}
