package io.lorashear.train;

/**
 * What one step did.
 *
 * @param step its number, the first being 1
 * @param loss before the step, nats a predicted token
 * @param gradientNorm before clipping
 */
public record StepResult(
    long step, double loss, double gradientNorm, double learningRate, long tokens) {}
