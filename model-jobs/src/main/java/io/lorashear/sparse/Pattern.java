package io.lorashear.sparse;

import io.lorashear.settings.Problems;

/**
 * Which positions of a matrix (out, in) may be zero.
 *
 * <pre>
 *   unstructured   anywhere
 *   N:M            of every M consecutive weights of a row (along the inputs) N are kept
 * </pre>
 *
 * @param kept N; 0 if zeros may be anywhere
 * @param group M; 0 if zeros may be anywhere
 */
public record Pattern(int kept, int group) {
  /** The word for zeros anywhere. */
  static final String ANYWHERE = "unstructured";

  static final Pattern UNSTRUCTURED = new Pattern(0, 0);
  private static final java.util.regex.Pattern WRITTEN =
      java.util.regex.Pattern.compile("([1-9]\\d?):([1-9]\\d?)");

  /**
   * Parses {@code unstructured} or the form {@code 2:4}.
   *
   * @throws IllegalArgumentException if it has neither form
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

  /**
   * Reports text that is not a pattern, and a pattern whose share of zeros is not {@code sparsity}.
   */
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

  /** Whether {@code width} columns are a multiple of M; true if there are no groups. */
  static boolean fits(String written, int width) {
    return !WRITTEN.matcher(written).matches() || width % of(written).group == 0;
  }

  /** Whether zeros may be anywhere. */
  boolean free() {
    return group == 0;
  }

  /** Number of zeros in every group of M. */
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
