package io.lorashear.plan;

/**
 * What training does to weights that are frozen while it goes on, as LHSPG does.
 *
 * @param shrinks steps after which groups of them are smaller
 * @param folds times at which pairs are folded into them; each is kept to begin again from
 * @param rows numbers of theirs that are on their way at a time, at most
 */
public record Progressive(long shrinks, long folds, double rows) {
  /** Nothing. */
  public static final Progressive NONE = new Progressive(0, 0, 0);
}
