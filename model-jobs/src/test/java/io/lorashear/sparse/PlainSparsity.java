package io.lorashear.sparse;

import java.util.Comparator;
import java.util.stream.IntStream;

/** The rules once more, in plain numbers and by other roads: no Cholesky, no blocks put off. */
final class PlainSparsity {
  private PlainSparsity() {}

  /** Σ xᵀx over rows of x (tokens, in). */
  static double[][] moments(double[][] x) {
    int n = x[0].length;
    var h = new double[n][n];
    for (var row : x) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          h[i][j] += row[i] * row[j];
        }
      }
    }
    return h;
  }

  /** The places of the {@code count} lowest scores. */
  static boolean[] lowest(double[] scores, int count) {
    var order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> scores[i]))
            .limit(count)
            .toList();
    var mask = new boolean[scores.length];
    order.forEach(i -> mask[i] = true);
    return mask;
  }

  /** The answer of {@code a y = b}, by Gauss with pivots. */
  static double[] solve(double[][] matrix, double[] b) {
    int n = b.length;
    var a = new double[n][n + 1];
    for (int i = 0; i < n; i++) {
      System.arraycopy(matrix[i], 0, a[i], 0, n);
      a[i][n] = b[i];
    }
    for (int i = 0; i < n; i++) {
      int pivot = i;
      for (int k = i; k < n; k++) {
        pivot = Math.abs(a[k][i]) > Math.abs(a[pivot][i]) ? k : pivot;
      }
      var row = a[i];
      a[i] = a[pivot];
      a[pivot] = row;
      for (int k = 0; k < n; k++) {
        double factor = k == i ? 0 : a[k][i] / a[i][i];
        for (int c = i; c <= n; c++) {
          a[k][c] -= factor * a[i][c];
        }
      }
    }
    return IntStream.range(0, n).mapToDouble(i -> a[i][n] / a[i][i]).toArray();
  }

  /** Rows and columns of {@code h} from {@code first} on. */
  static double[][] from(double[][] h, int first) {
    int n = h.length - first;
    var part = new double[n][n];
    for (int i = 0; i < n; i++) {
      System.arraycopy(h[first + i], first, part[i], 0, n);
    }
    return part;
  }

  /** The first element of the inverse of what {@link #from} gives. */
  static double corner(double[][] h, int first) {
    var unit = new double[h.length - first];
    unit[0] = 1;
    return solve(from(h, first), unit)[0];
  }

  /**
   * SparseGPT by its meaning: a weight that goes is made up for by the least squares of the columns
   * behind it; what is chosen next is scored with the weights as they are then.
   *
   * @param h damped moments
   * @param group M of N:M with {@code count} zeros in each; 0 where a share of each block goes
   */
  static double[][] surgery(
      double[][] weights, double[][] h, int width, double share, int group, int count) {
    int n = h.length;
    var w = new double[weights.length][];
    for (int r = 0; r < w.length; r++) {
      w[r] = weights[r].clone();
    }
    var goes = new boolean[w.length][n];
    for (int j = 0; j < n; j++) {
      if (group == 0 && j % width == 0) {
        chooseBlock(w, h, goes, j, Math.min(n, j + width), share);
      } else if (group > 0 && j % group == 0) {
        chooseGroup(w, h, goes, j, group, count);
      }
      for (int r = 0; r < w.length; r++) {
        if (goes[r][j]) {
          remove(w[r], h, j);
        }
      }
    }
    return w;
  }

  private static void chooseBlock(
      double[][] w, double[][] h, boolean[][] goes, int first, int end, double share) {
    int width = end - first;
    var scores = new double[w.length * width];
    for (int i = 0; i < scores.length; i++) {
      int j = first + i % width;
      scores[i] = Math.pow(w[i / width][j], 2) / corner(h, j);
    }
    long count = Math.round(share * w.length * end) - Math.round(share * w.length * first);
    var mask = lowest(scores, (int) count);
    for (int i = 0; i < scores.length; i++) {
      goes[i / width][first + i % width] = mask[i];
    }
  }

  private static void chooseGroup(
      double[][] w, double[][] h, boolean[][] goes, int first, int group, int count) {
    for (int r = 0; r < w.length; r++) {
      var row = w[r];
      var scores =
          IntStream.range(first, first + group)
              .mapToDouble(j -> row[j] * row[j] / corner(h, j))
              .toArray();
      System.arraycopy(lowest(scores, count), 0, goes[r], first, group);
    }
  }

  /** The columns behind j answer {@code min ‖w_j x_j − Σ δ_k x_k‖²} by the normal equations. */
  private static void remove(double[] w, double[][] h, int j) {
    int behind = w.length - j - 1;
    var b = IntStream.range(0, behind).mapToDouble(k -> h[j + 1 + k][j] * w[j]).toArray();
    var update = solve(from(h, j + 1), b);
    for (int k = 0; k < behind; k++) {
      w[j + 1 + k] += update[k];
    }
    w[j] = 0;
  }
}
