package io.lorashear.rank;

import ai.djl.ndarray.NDArray;
import java.util.stream.IntStream;

/** Small matrices of doubles, by the schoolbook. */
@SuppressWarnings("ArrayRecordComponent") // a test's own numbers
record PlainMatrix(double[][] rows) {

  static PlainMatrix of(NDArray array) {
    var flat = array.toFloatArray();
    int width = (int) array.getShape().get(1);
    var rows = new double[flat.length / width][width];
    for (int i = 0; i < flat.length; i++) {
      rows[i / width][i % width] = flat[i];
    }
    return new PlainMatrix(rows);
  }

  static PlainMatrix identity(int size) {
    var rows = new double[size][size];
    for (int i = 0; i < size; i++) {
      rows[i][i] = 1;
    }
    return new PlainMatrix(rows);
  }

  int height() {
    return rows.length;
  }

  int width() {
    return rows[0].length;
  }

  double at(int row, int column) {
    return rows[row][column];
  }

  PlainMatrix transposed() {
    var result = new double[width()][height()];
    for (int i = 0; i < height(); i++) {
      for (int j = 0; j < width(); j++) {
        result[j][i] = rows[i][j];
      }
    }
    return new PlainMatrix(result);
  }

  PlainMatrix times(PlainMatrix other) {
    var result = new double[height()][other.width()];
    for (int i = 0; i < height(); i++) {
      for (int j = 0; j < other.width(); j++) {
        for (int k = 0; k < width(); k++) {
          result[i][j] += rows[i][k] * other.rows[k][j];
        }
      }
    }
    return new PlainMatrix(result);
  }

  PlainMatrix plus(PlainMatrix other, double factor) {
    var result = new double[height()][width()];
    for (int i = 0; i < height(); i++) {
      for (int j = 0; j < width(); j++) {
        result[i][j] = rows[i][j] + factor * other.rows[i][j];
      }
    }
    return new PlainMatrix(result);
  }

  PlainMatrix scaled(double factor) {
    return plus(this, factor - 1);
  }

  double trace() {
    return IntStream.range(0, height()).mapToDouble(i -> rows[i][i]).sum();
  }

  /** These rows and columns. */
  PlainMatrix part(int[] lines, int[] columns) {
    var result = new double[lines.length][columns.length];
    for (int i = 0; i < lines.length; i++) {
      for (int j = 0; j < columns.length; j++) {
        result[i][j] = rows[lines[i]][columns[j]];
      }
    }
    return new PlainMatrix(result);
  }

  PlainMatrix columns(int... columns) {
    return part(IntStream.range(0, height()).toArray(), columns);
  }

  /** By Gauss and Jordan, the largest pivot first. */
  PlainMatrix inverse() {
    int n = height();
    var left = new double[n][];
    var right = identity(n).rows;
    for (int i = 0; i < n; i++) {
      left[i] = rows[i].clone();
    }
    for (int k = 0; k < n; k++) {
      int pivot = k;
      for (int i = k; i < n; i++) {
        pivot = Math.abs(left[i][k]) > Math.abs(left[pivot][k]) ? i : pivot;
      }
      swap(left, k, pivot);
      swap(right, k, pivot);
      double divisor = left[k][k];
      for (int j = 0; j < n; j++) {
        left[k][j] /= divisor;
        right[k][j] /= divisor;
      }
      for (int i = 0; i < n; i++) {
        double factor = i == k ? 0 : left[i][k];
        for (int j = 0; j < n; j++) {
          left[i][j] -= factor * left[k][j];
          right[i][j] -= factor * right[k][j];
        }
      }
    }
    return new PlainMatrix(right);
  }

  private static void swap(double[][] lines, int i, int j) {
    var kept = lines[i];
    lines[i] = lines[j];
    lines[j] = kept;
  }
}
