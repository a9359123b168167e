package io.lorashear.method;

import io.lorashear.InputException;
import io.lorashear.compensate.Inputs;
import io.lorashear.compensate.ReadingMatrix;
import io.lorashear.dependency.Groups;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.torch.TorchModel;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One layer of a model whose earlier layers are pruned already.
 *
 * @param axes axes of the whole model
 * @param matrices matrices that read the axes of this layer
 * @param inputs their inputs, computed by the pruned earlier layers
 * @param quota for every axis, as many groups as are to be pruned
 */
record Layer(
    TorchModel model,
    List<AxisWeights> axes,
    List<ReadingMatrix> matrices,
    Inputs inputs,
    Groups quota) {

  /** Scores of an axis's groups, for one of the matrices that read the axis. */
  interface Scores {
    /** The score of each of {@code groups} groups. */
    double[] of(ReadingMatrix matrix, int groups);
  }

  /**
   * The matrices that read the axes of a model.
   *
   * @throws InputException if no matrix reads all groups of an axis
   */
  static List<ReadingMatrix> matrices(Calibration calibration) {
    var matrices = ReadingMatrix.of(calibration.model().graph(), calibration.axes());
    var without =
        calibration.axes().stream()
            .filter(axis -> !readAll(axis, matrices))
            .map(AxisWeights::name)
            .toList();
    if (!without.isEmpty()) {
      throw new InputException(
          "the method compares groups by one matrix that reads them all, or by one of every expert,"
              + " and there is none for %s: protect them, or choose another method",
          String.join(", ", without));
    }
    return matrices;
  }

  /** Whether one matrix reads all groups of an axis, or the matrices of the experts do together. */
  private static boolean readAll(AxisWeights axis, List<ReadingMatrix> matrices) {
    var byExperts = new BitSet();
    boolean byOne = false;
    for (var matrix : matrices) {
      if (matrix.axis().equals(axis.name())) {
        var read = new BitSet();
        Arrays.stream(matrix.slice().groupOf()).filter(group -> group >= 0).forEach(read::set);
        byOne |= read.cardinality() == axis.size();
        if (matrix.route() != null) {
          byExperts.or(read);
        }
      }
    }
    return byOne || byExperts.cardinality() == axis.size();
  }

  /** The groups of lowest score; if several matrices read an axis, their scores are added. */
  Groups least(Scores scores) {
    var sums = new LinkedHashMap<String, double[]>();
    for (var matrix : matrices) {
      int groups = axes.get(matrix.place()).size();
      var sum = sums.computeIfAbsent(matrix.axis(), axis -> new double[groups]);
      var each = scores.of(matrix, groups);
      Arrays.setAll(sum, g -> sum[g] + each[g]);
    }
    return Groups.union(
        sums.entrySet().stream().map(axis -> least(axis.getKey(), axis.getValue())).toList());
  }

  private Groups least(String axis, double[] scores) {
    var least = new BitSet();
    IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(g -> scores[g]))
        .limit(quota.count(axis))
        .forEach(least::set);
    return Groups.of(axis, least);
  }
}
