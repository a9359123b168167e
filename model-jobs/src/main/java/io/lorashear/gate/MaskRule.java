package io.lorashear.gate;

import java.util.SplittableRandom;

/**
 * What the parameter of a group is to the group: a factor on its output while the masks learn, its
 * share of the count that is held to the budget, and in the end a factor that stays.
 *
 * <pre>
 *   rule              factor m                  count s               what is left of a kept group
 *   {@link HardConcrete}      drawn from [0, 1]         P(m ≠ 0)              σ(0.8·log α / β)
 *   {@link RectifiedGate}     max(0, z)                 a steep curve of z    max(0, z)
 * </pre>
 */
public sealed interface MaskRule permits HardConcrete, RectifiedGate {

  /** Values of all groups of an axis, and their slopes by the groups' parameters. */
  @SuppressWarnings("ArrayRecordComponent") // numbers of the groups of an axis, never compared
  record Curve(double[] values, double[] slopes) {
    /** Of {@code size} groups, to be filled. */
    static Curve of(int size) {
      return new Curve(new double[size], new double[size]);
    }
  }

  /** The parameters of an axis before the first step. */
  float[] first(int size, SplittableRandom random);

  /**
   * Factors m of an axis at one step, the first being 0.
   *
   * @param random of this axis and step
   */
  Curve factors(float[] parameters, SplittableRandom random);

  /** Shares s of the count at one step, each in [0, 1]. */
  Curve counts(float[] parameters, long step);

  /** What a parameter may be: {@code parameter} or the nearest it may. */
  double bounded(double parameter);

  /** The factor that a group keeps for good. */
  double kept(double parameter);

  /** How much the masks want to keep a group; not negative, the least goes first. */
  double score(double parameter);
}
