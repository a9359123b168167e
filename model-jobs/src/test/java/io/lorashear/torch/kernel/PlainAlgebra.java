package io.lorashear.torch.kernel;

/** Elimination in plain numbers, to compare with. */
public final class PlainAlgebra {
  private PlainAlgebra() {}

  /**
   * The least of tr δAδᵀ over all δ with δ_g = W_g, A = XᵀX + μI: all other columns are eliminated
   * one at a time, and no inverse is taken.
   *
   * @param w (out, in)
   * @param x (rows, in)
   * @param size columns of a group
   * @param damping μ as a share of the mean of XᵀX's diagonal
   */
  public static double leastLoss(double[][] w, double[][] x, int group, int size, double damping) {
    int in = w[0].length;
    var a = new double[in][in];
    double diagonal = 0;
    for (var row : x) {
      for (int i = 0; i < in; i++) {
        diagonal += row[i] * row[i] / in;
        for (int j = 0; j < in; j++) {
          a[i][j] += row[i] * row[j];
        }
      }
    }
    for (int i = 0; i < in; i++) {
      a[i][i] += damping * diagonal;
    }
    for (int k = 0; k < in; k++) {
      for (int i = 0; i < in && k / size != group; i++) {
        double factor = i == k ? 0 : a[i][k] / a[k][k];
        for (int j = 0; j < in; j++) {
          a[i][j] -= factor * a[k][j];
        }
      }
    }
    double sum = 0;
    for (var row : w) {
      for (int i = group * size; i < (group + 1) * size; i++) {
        for (int j = group * size; j < (group + 1) * size; j++) {
          sum += row[i] * a[i][j] * row[j];
        }
      }
    }
    return sum;
  }
}
