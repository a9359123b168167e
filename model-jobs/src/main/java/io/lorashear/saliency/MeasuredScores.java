package io.lorashear.saliency;

import java.util.List;

/**
 * Scores of the groups of every axis, measured with true gradients.
 *
 * @param gradient {@link GradientTaylor}'s; empty where its weight is 0
 * @param fisher the Fisher information; {@link FisherInformation#NONE} where its weight is 0
 */
public record MeasuredScores(List<double[]> gradient, FisherInformation fisher) {
  /** Nothing measured. */
  public static final MeasuredScores NONE = new MeasuredScores(List.of(), FisherInformation.NONE);
}
