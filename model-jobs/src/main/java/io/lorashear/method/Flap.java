package io.lorashear.method;

import io.lorashear.checkpoint.ZeroFilled;
import io.lorashear.compensate.Inputs;
import io.lorashear.compensate.ReadingMatrix;
import io.lorashear.dependency.Groups;
import io.lorashear.family.Family;
import io.lorashear.family.OutputBiases;
import io.lorashear.graph.AxisRole;
import io.lorashear.optim.PruningBudget;
import io.lorashear.torch.TorchModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Objects;

/**
 * FLAP (arXiv 2312.11983): what an input that goes away was on average is put into the bias, so
 * that only how it fluctuates is lost.
 *
 * <pre>
 *   s_j = Var(x_j) · ‖W_:,j‖²                        a head's: s_j²
 *   ŝ_j = (s_j − mean of s) / deviation of s         over the inputs of one matrix
 *   s_g = mean over j ∈ g of ŝ_j                     least of the whole model: goes
 *   b  ← b + W_:,R · mean(x_R)                       R: the inputs that go
 * </pre>
 */
final class Flap implements OneShot {
  @Override
  public Task prepared(Task task) {
    var config = OutputBiases.with(task.config());
    if (config.equals(task.config())) {
      return task;
    }
    var graph = Family.of(config).trace(config);
    return task.with(config, graph, new ZeroFilled(task.tensors(), graph));
  }

  @Override
  public Groups choose(Calibration calibration) {
    var model = calibration.model();
    var axes = calibration.axes();
    var matrices = Layer.matrices(calibration);
    var statistics = new Inputs(model, calibration.batches()).statistics(matrices);
    var scores = new ArrayList<double[]>();
    axes.forEach(axis -> scores.add(new double[axis.size()]));
    for (var matrix : matrices) {
      var axis = axes.get(matrix.place());
      var x = Objects.requireNonNull(statistics.get(matrix.input()));
      var each = scores(model, matrix, axis.role(), x, axis.size());
      var sum = scores.get(matrix.place());
      Arrays.setAll(sum, g -> sum[g] + each[g]);
    }
    var gone = budget(calibration.task()).choose(axes, scores);
    var without = calibration.report().putArray("withoutBias");
    for (var matrix : matrices) {
      var x = Objects.requireNonNull(statistics.get(matrix.input()));
      var leaving = gone.indices(matrix.axis());
      if (!leaving.isEmpty() && !compensate(model, matrix, x, leaving)) {
        without.add(matrix.slice().name());
      }
    }
    return gone;
  }

  /**
   * What is left is what is asked for of the model as it was given: biases that came go as well.
   */
  private static PruningBudget budget(Task task) {
    var budget = task.budget();
    long added = task.tensors() instanceof ZeroFilled more ? more.elements() : 0;
    long given = budget.total() - added;
    long remove = Math.round(task.settings().ratio() * given) + added;
    return new PruningBudget(budget.total(), remove, budget.cap(), budget.caps(), budget.shape());
  }

  /** What goes is made up for by biases alone. */
  @Override
  public void refit(Calibration calibration, Groups gone) {}

  @Override
  public boolean refitsItself() {
    return true;
  }

  /** The scores of {@code groups} groups, of either sign. */
  static double[] scores(
      TorchModel model, ReadingMatrix matrix, AxisRole role, Inputs.Statistics x, int groups) {
    var norms = squaredNorms(model, matrix);
    var variance = x.variance();
    var scores = new double[norms.length];
    for (int j = 0; j < scores.length; j++) {
      double score = variance[j] * norms[j];
      scores[j] = role == AxisRole.KEY_VALUE_HEADS ? score * score : score;
    }
    var sums = matrix.byGroup(standardised(scores), groups);
    var counts = matrix.byGroup(ones(scores.length), groups);
    for (int g = 0; g < groups; g++) {
      sums[g] /= counts[g];
    }
    return sums;
  }

  /** ‖W_:,j‖² of every input j. */
  private static double[] squaredNorms(TorchModel model, ReadingMatrix matrix) {
    try (var scope = model.manager().newSubManager()) {
      var squares = matrix.slice().weight().square(); // (out, in)
      squares.attach(scope);
      var sums = squares.sum(new int[] {0}).toFloatArray(); // (in,)
      var norms = new double[sums.length];
      Arrays.setAll(norms, j -> sums[j]);
      return norms;
    }
  }

  private static double[] standardised(double[] scores) {
    double mean = Arrays.stream(scores).average().orElse(0);
    double squares = Arrays.stream(scores).map(s -> (s - mean) * (s - mean)).sum();
    double deviation = Math.sqrt(squares / Math.max(1, scores.length - 1));
    return Arrays.stream(scores).map(s -> deviation > 0 ? (s - mean) / deviation : 0).toArray();
  }

  private static double[] ones(int size) {
    var ones = new double[size];
    Arrays.fill(ones, 1);
    return ones;
  }

  /**
   * Puts what {@code gone} were on average into the bias.
   *
   * @return whether there is one
   */
  static boolean compensate(
      TorchModel model, ReadingMatrix matrix, Inputs.Statistics x, BitSet gone) {
    var name = matrix.bias();
    if (name == null) {
      return false;
    }
    var owners = matrix.slice().groupOf();
    var means = new float[owners.length];
    for (int j = 0; j < means.length; j++) {
      means[j] = owners[j] >= 0 && gone.get(owners[j]) ? (float) x.mean()[j] : 0;
    }
    try (var scope = model.manager().newSubManager()) {
      var bias = model.parameter(name); // (out,)
      var weight = matrix.slice().weight(); // (out, in)
      var column = scope.create(means).toDevice(weight.getDevice(), false); // (in,)
      var lost = weight.matMul(column); // (out,)
      lost.attach(scope);
      bias.addi(lost);
    }
    return true;
  }
}
