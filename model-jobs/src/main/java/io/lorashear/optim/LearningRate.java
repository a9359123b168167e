package io.lorashear.optim;

/**
 * The learning rate of each step. A run may be one part of a longer schedule: it then starts where
 * the previous part ended, after its own warm-up.
 *
 * <pre>
 *   q(n) = from + (to − from) · (n − W) / (N − W)          n ≥ W;  q = from before
 *   f(q) = 1                                               CONSTANT
 *   f(q) = 1 − q                                           LINEAR
 *   f(q) = (1 + cos πq) / 2                                COSINE
 *   η(n) = peak · f(q(n)) · min(1, (n + 1) / W)
 * </pre>
 *
 * @param warmup W, steps until the peak
 * @param steps N, steps of the run; later steps have the rate of the last
 * @param from share of the whole schedule that lies before this run, in [0, 1)
 * @param to share of it that is completed at the end of this run, in (from, 1]
 */
public record LearningRate(
    double peak, Shape shape, long warmup, long steps, double from, double to) {

  /** A whole schedule. */
  public LearningRate(double peak, Shape shape, long warmup, long steps) {
    this(peak, shape, warmup, steps, 0, 1);
  }

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
      return peak * fallen(from) * (step + 1) / warmup;
    }
    double done = steps > warmup ? Math.min(1, (double) (step - warmup) / (steps - warmup)) : 0;
    return peak * fallen(from + (to - from) * done);
  }

  private double fallen(double done) {
    return switch (shape) {
      case CONSTANT -> 1;
      case LINEAR -> 1 - done;
      case COSINE -> (1 + Math.cos(Math.PI * done)) / 2;
    };
  }
}
