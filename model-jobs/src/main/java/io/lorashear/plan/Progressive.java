package io.lorashear.plan;

/**
 * What a method like LHSPG does to frozen weights during training.
 *
 * @param shrinks number of steps that shrink groups of them
 * @param folds number of times that pairs are folded into them; the pairs of each fold are kept for
 *     resuming
 * @param rows largest number of their elements that are shrinking at a time
 */
public record Progressive(long shrinks, long folds, double rows) {
  /** Nothing. */
  public static final Progressive NONE = new Progressive(0, 0, 0);
}
