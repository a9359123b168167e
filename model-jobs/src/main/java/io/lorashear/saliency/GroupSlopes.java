package io.lorashear.saliency;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a factor on each group does to the loss, row by row: G.
 *
 * <pre>
 *   G_rg = ∂loss of row r/∂m_g           m_g: a factor on the group, 1 as long as it is kept
 * </pre>
 *
 * @param rows (rows, groups), the groups of all axes one after the other; 4 bytes for each number
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
public record GroupSlopes(List<float[]> rows) {

  /** The slopes of one row, in one piece. */
  static float[] row(List<double[]> slopes) {
    var row = new float[slopes.stream().mapToInt(axis -> axis.length).sum()];
    int at = 0;
    for (var axis : slopes) {
      for (double slope : axis) {
        row[at++] = (float) slope;
      }
    }
    return row;
  }

  /** G_rg·f_g. */
  GroupSlopes times(double[] factors) {
    var scaled = new ArrayList<float[]>();
    for (var row : rows) {
      var each = new float[row.length];
      for (int g = 0; g < each.length; g++) {
        each[g] = (float) (row[g] * factors[g]);
      }
      scaled.add(each);
    }
    return new GroupSlopes(scaled);
  }

  /** {@code Σ_r x_r G_rg} of every group. */
  double[] combined(double[] x) {
    var sums = new double[rows.isEmpty() ? 0 : rows.get(0).length];
    for (int r = 0; r < x.length; r++) {
      var row = rows.get(r);
      double factor = x[r];
      for (int g = 0; g < sums.length; g++) {
        sums[g] += factor * row[g];
      }
    }
    return sums;
  }

  /** {@code (G_0g, …, G_ng)} of the groups {@code chosen}, row by row. */
  double[][] columns(int[] chosen) {
    return rows.stream()
        .map(row -> Arrays.stream(chosen).mapToDouble(g -> row[g]).toArray())
        .toArray(double[][]::new);
  }
}
