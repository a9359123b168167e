package io.lorashear.optim;

/**
 * The learning rate of each step.
 *
 * <pre>
 *   η(n) = peak · (n + 1) / W                              n &lt; W: warm-up
 *   η(n) = peak                                            CONSTANT
 *   η(n) = peak · (1 − q)                                  LINEAR     q = (n − W) / (N − W)
 *   η(n) = peak · (1 + cos πq) / 2                         COSINE
 * </pre>
 *
 * @param warmup W, steps until the peak
 * @param steps N, steps of the run; later steps have the rate of the last
 */
public record LearningRate(double peak, Shape shape, long warmup, long steps) {

  /** How the rate falls after the warm-up. */
  public enum Shape {
    CONSTANT,
    LINEAR,
    COSINE
  }

  /** The same rate at every step. */
  public static LearningRate constant(double rate) {
    return new LearningRate(rate, Shape.CONSTANT, 0, 1);
  }

  /** Rate of step {@code step}, the first being 0. */
  public double at(long step) {
    if (step < warmup) {
      return peak * (step + 1) / warmup;
    }
    double done = steps > warmup ? Math.min(1, (double) (step - warmup) / (steps - warmup)) : 0;
    return switch (shape) {
      case CONSTANT -> peak;
      case LINEAR -> peak * (1 - done);
      case COSINE -> peak * (1 + Math.cos(Math.PI * done)) / 2;
    };
  }
}
