package io.lorashear.contest;

import java.io.Serializable;
import java.util.Locale;

/**
 * One model of a contest.
 *
 * @param method its name in the settings, or the name of {@link #DENSE} or a {@link #ceiling}
 * @param ratio share of the parameters that is pruned
 * @param seed seed of all draws for it: rows, pairs, the order of rows
 */
public record Cell(String method, double ratio, long seed) implements Serializable {
  /** Name of the dense model, from which all others are made. */
  static final Cell DENSE = new Cell("dense", 0, 0);

  /** Name of the dense model after the recovery that pruned models get. */
  static final String CEILING = "ceiling";

  /** The dense model after the recovery of this seed. */
  static Cell ceiling(long seed) {
    return new Cell(CEILING, 0, seed);
  }

  /** Whether its model is pruned; if not, it is the dense model or a ceiling. */
  boolean prunes() {
    return ratio > 0;
  }

  /** A name for files, made of the three components. */
  public String name() {
    return this.equals(DENSE)
        ? method
        : String.format(Locale.ROOT, "%s-%s-seed%d", method, ratio, seed);
  }
}
