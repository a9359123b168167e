package io.lorashear.saliency;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import java.util.List;

/**
 * What the knowledge profile measures.
 *
 * @param ratios shares of an axis that are removed, one measurement each
 * @param rows held-out rows of each source; the cost is axes × ratios × rows × sources × length
 * @param seed of the draw of rows
 */
public record ProfileSettings(
    @Default("[0.5]") List<Double> ratios, @Default("1") int rows, @Default("1") long seed) {

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(!ratios.isEmpty(), "ratios", "is empty: give at least one, for example [0.5]");
    problems.require(
        ratios.stream().allMatch(ratio -> ratio > 0 && ratio <= 1),
        "ratios",
        "is %s: give shares of an axis above 0 and up to 1",
        ratios);
    problems.require(rows >= 1, "rows", "is %s: at least one row of every source is needed", rows);
  }
}
