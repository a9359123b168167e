package io.lorashear.gate;

import java.util.SplittableRandom;

/**
 * What the parameter of a group determines: a factor on its output while masks are trained, its
 * share of the count that is held to the budget, and the factor that it keeps at the end.
 *
 * <pre>
 *   rule              factor m                  count s               final factor of a kept group
 *   {@link HardConcrete}      drawn from [0, 1]         P(m ≠ 0)              σ(0.8·log α / β)
 *   {@link RectifiedGate}     max(0, z)                 a steep curve of z    max(0, z)
 * </pre>
 */
public sealed interface MaskRule permits HardConcrete, RectifiedGate {

  /** Values of all groups of an axis, and their derivatives by the groups' parameters. */
  @SuppressWarnings("ArrayRecordComponent") // numbers of the groups of an axis, never compared
  record Curve(double[] values, double[] slopes) {
    /** A curve of {@code size} groups, to be filled. */
    static Curve of(int size) {
      return new Curve(new double[size], new double[size]);
    }
  }

  /** The parameters of an axis before the first step. */
  float[] first(int size, SplittableRandom random);

  /**
   * Factors m of an axis at one step.
   *
   * @param random random numbers of this axis and step
   */
  Curve factors(float[] parameters, SplittableRandom random);

  /** Shares s of the count at one step, the first being 0; each share is in [0, 1]. */
  Curve counts(float[] parameters, long step);

  /** {@code parameter}, or the nearest value that is allowed. */
  double bounded(double parameter);

  /** The factor that a group keeps permanently. */
  double kept(double parameter);

  /** How strongly the masks keep a group; at least 0, and the lowest is removed first. */
  double score(double parameter);
}
