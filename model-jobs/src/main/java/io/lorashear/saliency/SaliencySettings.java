package io.lorashear.saliency;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;

/**
 * Weights of the five scores and of a sixth, and which slices they look at.
 *
 * @param gradient of LLM-Pruner's score by element, from true gradients on the calibration rows,
 *     measured once before the first step; it takes the memory of those gradients, as much again as
 *     the weights of the axes
 * @param readToo whether the columns that read a group count as well as the rows that write it
 */
public record SaliencySettings(
    @Default("0.2") double magnitude,
    @Default("0.2") double averageMagnitude,
    @Default("0.2") double cosine,
    @Default("0.2") double taylor1,
    @Default("0.2") double taylor2,
    @Default("0") double gradient,
    @Default("true") boolean readToo) {

  /** Weight of one score. */
  public double weight(Score score) {
    return switch (score) {
      case MAGNITUDE -> magnitude;
      case AVERAGE_MAGNITUDE -> averageMagnitude;
      case COSINE -> cosine;
      case TAYLOR_1 -> taylor1;
      case TAYLOR_2 -> taylor2;
    };
  }

  /** Reports what is out of range. */
  public void check(Problems problems) {
    for (var score : Score.values()) {
      problems.require(
          weight(score) >= 0,
          "the weight of %s is %s: give a number of at least 0",
          score,
          weight(score));
    }
    problems.require(
        gradient >= 0, "the weight of gradient is %s: give a number of at least 0", gradient);
    problems.require(
        magnitude + averageMagnitude + cosine + taylor1 + taylor2 + gradient > 0,
        "all weights of the saliency scores are 0: give at least one a positive weight");
  }
}
