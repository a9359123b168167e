package io.lorashear.compensate;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;

/**
 * Refitting, in closed form, of layers that read a pruned group.
 *
 * @param rows rows of each source whose activations are measured, again for every period; 0: no
 *     compensation
 * @param damping share of each input's own mean square that is added to the diagonal, in (0, 1]; of
 *     methods of others, share of the mean over all inputs
 */
public record CompensationSettings(@Default("0") int rows, @Default("0.01") double damping) {
  /** No compensation. */
  public static final CompensationSettings NONE = new CompensationSettings(0, 0.01);

  /** Whether compensation is on. */
  public boolean wanted() {
    return rows > 0;
  }

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(rows >= 0, "rows", "is %s: give a number of rows, or 0 for none", rows);
    problems.require(
        damping > 0 && damping <= 1,
        "damping",
        "is %s: give a share in (0, 1], for example 0.01",
        damping);
  }
}
