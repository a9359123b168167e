package io.lorashear.contest;

import java.io.Serializable;
import java.util.Locale;

/**
 * One model of a contest.
 *
 * @param method its name in the settings, or {@link #DENSE}'s
 * @param ratio share of the parameters that goes
 * @param seed of all that is drawn for it: rows, pairs, the order of rows
 */
public record Cell(String method, double ratio, long seed) implements Serializable {
  /** The model that all others were made of. */
  static final Cell DENSE = new Cell("dense", 0, 0);

  /** A name for files, of the three. */
  public String name() {
    return this.equals(DENSE)
        ? method
        : String.format(Locale.ROOT, "%s-%s-seed%d", method, ratio, seed);
  }
}
