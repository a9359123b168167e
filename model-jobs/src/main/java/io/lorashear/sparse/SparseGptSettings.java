package io.lorashear.sparse;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;

/**
 * SparseGPT's own settings.
 *
 * @param damping share of the inputs' mean square that is added to the diagonal, in (0, 1]
 * @param columns columns of a block, within which weights are compared
 */
public record SparseGptSettings(@Default("0.01") double damping, @Default("128") int columns) {
  void check(Problems problems) {
    problems.require(
        damping > 0 && damping <= 1,
        "damping",
        "is %s: give a share in (0, 1], for example 0.01",
        damping);
    problems.require(columns >= 1, "columns", "is %s: give at least 1, for example 128", columns);
  }
}
