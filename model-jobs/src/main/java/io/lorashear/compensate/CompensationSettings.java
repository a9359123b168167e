package io.lorashear.compensate;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Settings;

/**
 * Refitting, in closed form, of layers that read a pruned group.
 *
 * @param rows rows of each source whose activations are measured, again for every period; 0: no
 *     compensation
 * @param damping share of each input's own mean square that is added to the diagonal, in (0, 1]; of
 *     methods of others, share of the mean over all inputs
 * @param towards what refitted layers are to compute
 */
public record CompensationSettings(
    @Default("0") int rows, @Default("0.01") double damping, @Default("pruned") Towards towards) {
  /** No compensation. */
  public static final CompensationSettings NONE = new CompensationSettings(0, 0.01, Towards.PRUNED);

  /** What refitted layers are to compute. */
  public enum Towards {
    /** What they computed before the groups went, from the inputs that they had then. */
    PRUNED,
    /**
     * Afterwards also what they compute in the dense model, from the inputs that they have now, in
     * forward order.
     */
    DENSE,
    /**
     * The same, but what the dense model's residual stream holds after them, so that each layer
     * also corrects earlier ones.
     */
    STREAM
  }

  /** Whether compensation is on. */
  public boolean wanted() {
    return rows > 0;
  }

  /** Whether the dense model is computed beside the pruned one. */
  public boolean beside() {
    return wanted() && towards != Towards.PRUNED;
  }

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(rows >= 0, "rows", "is %s: give a number of rows, or 0 for none", rows);
    problems.require(
        damping > 0 && damping <= 1,
        "damping",
        "is %s: give a share in (0, 1], for example 0.01",
        damping);
    problems.require(
        wanted() || towards == Towards.PRUNED,
        "towards",
        "is %s, but rows is 0, so that nothing is refitted: set rows, for example to 8, or leave"
            + " towards out",
        Settings.word(towards));
  }
}
