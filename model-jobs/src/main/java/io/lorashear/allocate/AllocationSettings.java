package io.lorashear.allocate;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import java.util.List;

/**
 * How much each axis loses, chosen by measured losses instead of by comparing scores of different
 * axes.
 *
 * @param enabled whether losses are measured and decide
 * @param rows calibration rows of each source that losses are measured on; the cost is about half
 *     of axes × shares × rows × sources forward passes over one row
 * @param shares shares of an axis that are removed, one measurement each; nothing removed is always
 *     a choice. 1 is the whole attention or MLP. Other shares above the cap are left out
 */
public record AllocationSettings(
    @Default("false") boolean enabled,
    @Default("2") int rows,
    @Default("[0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 1]") List<Double> shares) {

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(rows >= 1, "rows", "is %s: at least one row of every source is needed", rows);
    problems.require(
        !shares.isEmpty() && shares.size() <= 100,
        "shares",
        "has %s values: give one to a hundred, for example [0.25, 0.5, 1]",
        shares.size());
    problems.require(
        shares.stream().allMatch(share -> share > 0 && share <= 1),
        "shares",
        "is %s: give shares of an axis above 0 and up to 1",
        shares);
  }
}
