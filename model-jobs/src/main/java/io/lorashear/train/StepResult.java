package io.lorashear.train;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The result of one step.
 *
 * @param step its number, the first being 1
 * @param loss before the step, nats per predicted token
 * @param gradientNorm before clipping
 */
public record StepResult(
    long step, double loss, double gradientNorm, double learningRate, long tokens) {

  /** The numbers by name. */
  Map<String, Double> figures() {
    var figures = new LinkedHashMap<String, Double>();
    figures.put("loss", loss);
    figures.put("learningRate", learningRate);
    figures.put("gradientNorm", gradientNorm);
    figures.put("tokens", (double) tokens);
    return figures;
  }
}
