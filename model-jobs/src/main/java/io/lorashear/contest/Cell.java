package io.lorashear.contest;

import java.io.Serializable;
import java.util.Locale;

/**
 * One model of a contest.
 *
 * @param method its name in the settings, or {@link #DENSE}'s
 * @param ratio share of the parameters that is pruned
 * @param seed seed of all draws for it: rows, pairs, the order of rows
 */
public record Cell(String method, double ratio, long seed) implements Serializable {
  /** Name of the dense model, from which all others are made. */
  static final Cell DENSE = new Cell("dense", 0, 0);

  /** A name for files, made of the three components. */
  public String name() {
    return this.equals(DENSE)
        ? method
        : String.format(Locale.ROOT, "%s-%s-seed%d", method, ratio, seed);
  }
}
