package io.lorashear.sparse;

import io.lorashear.settings.Problems;

/**
 * Where zeros may stand in a matrix (out, in).
 *
 * <pre>
 *   unstructured   anywhere
 *   N:M            of every M neighbours in a row, along the inputs, N are left
 * </pre>
 *
 * @param kept N; 0 where zeros may stand anywhere
 * @param group M; 0 where zeros may stand anywhere
 */
public record Pattern(int kept, int group) {
  /** The word for zeros anywhere. */
  static final String ANYWHERE = "unstructured";

  static final Pattern UNSTRUCTURED = new Pattern(0, 0);
  private static final java.util.regex.Pattern WRITTEN =
      java.util.regex.Pattern.compile("([1-9]\\d?):([1-9]\\d?)");

  /**
   * As {@code 2:4} says it.
   *
   * @throws IllegalArgumentException when {@link #check} has something to say
   */
  static Pattern of(String written) {
    if (written.equals(ANYWHERE)) {
      return UNSTRUCTURED;
    }
    var match = WRITTEN.matcher(written);
    if (!match.matches()) {
      throw new IllegalArgumentException(written);
    }
    return new Pattern(Integer.parseInt(match.group(1)), Integer.parseInt(match.group(2)));
  }

  /** Reports what is no pattern, or leaves another share than is asked for. */
  static void check(String written, double sparsity, Problems problems) {
    boolean known = written.equals(ANYWHERE) || WRITTEN.matcher(written).matches();
    problems.require(
        known && (of(written).free() || of(written).kept < of(written).group),
        "pattern",
        "is %s: write unstructured, or N:M where N of M neighbours are left, for example"
            + " 2:4 or 4:8",
        written);
    if (known && !of(written).free()) {
      double share = of(written).sparsity();
      problems.require(
          of(written).kept >= of(written).group || share == sparsity,
          "sparsity",
          "is %s, but pattern %s takes %s: set sparsity to that, or pattern to unstructured",
          sparsity,
          written,
          share);
    }
  }

  /** Whether groups fill {@code width} columns; true of what is no pattern. */
  static boolean fits(String written, int width) {
    return !WRITTEN.matcher(written).matches() || width % of(written).group == 0;
  }

  /** Whether zeros may stand anywhere. */
  boolean free() {
    return group == 0;
  }

  /** Zeros in every group of M. */
  int zeros() {
    return group - kept;
  }

  private double sparsity() {
    return (double) zeros() / group;
  }

  @Override
  public String toString() {
    return free() ? ANYWHERE : kept + ":" + group;
  }
}
