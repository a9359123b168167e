package io.lorashear.method;

import io.lorashear.checkpoint.ZeroFilled;
import io.lorashear.compensate.Inputs;
import io.lorashear.compensate.ReadingMatrix;
import io.lorashear.dependency.Groups;
import io.lorashear.family.Family;
import io.lorashear.family.OutputBiases;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Value;
import io.lorashear.optim.PruningBudget;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * FLAP (arXiv 2312.11983): the mean of every pruned input is added to the bias, so that only its
 * fluctuation is lost.
 *
 * <pre>
 *   s_j = Var(x_j) · ‖W_:,j‖²                        a head's: s_j²
 *   ŝ_j = (s_j − mean of s) / deviation of s         over the inputs of one matrix; of experts over
 *                                                    those of all of them, with inputs r_e x_e
 *   s_g = mean over j ∈ g of ŝ_j                     lowest of the whole model: pruned
 *   b  ← b + W_:,R · mean(x_R)                       R: the pruned inputs
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
    for (var axis : axes) {
      var readers = matrices.stream().filter(each -> each.axis().equals(axis.name())).toList();
      scores.add(scores(model, readers, axis.role(), statistics, axis.size()));
    }
    var gone = budget(calibration.task()).choose(axes, scores);
    var without = calibration.report().putArray("withoutBias");
    for (var matrix : matrices) {
      var x = Objects.requireNonNull(statistics.get(matrix.input()));
      var leaving = gone.indices(matrix.axis());
      if (matrix.reads(leaving) && !compensate(model, matrix, x, leaving)) {
        without.add(matrix.slice().name());
      }
    }
    if (!without.isEmpty()) {
      calibration.note(
          "%d matrices of this model have no bias that could stand for the mean of what they lost,"
              + " %s first: FLAP without its compensation there",
          without.size(), without.get(0).asText());
    }
    return gone;
  }

  /**
   * The budget: the ratio refers to the model without the biases that this method added, so that
   * their parameters are removed in addition.
   */
  private static PruningBudget budget(Task task) {
    var budget = task.budget();
    long added = task.tensors() instanceof ZeroFilled more ? more.elements() : 0;
    long given = budget.total() - added;
    long remove = Math.round(task.settings().ratio() * given) + added;
    return new PruningBudget(budget.total(), remove, budget.cap(), budget.caps(), budget.shape());
  }

  @Override
  public int looks(PruneSettings settings) {
    return 1;
  }

  /** Does nothing: only the biases compensate, and {@link #choose} sets them. */
  @Override
  public void refit(Calibration calibration, Groups gone) {}

  @Override
  public boolean refitsItself() {
    return true;
  }

  /**
   * The scores of {@code groups} groups, of either sign.
   *
   * @param matrices all that read the axis; their scores are standardised together
   */
  static double[] scores(
      TorchModel model,
      List<ReadingMatrix> matrices,
      AxisRole role,
      Map<Value, Inputs.Statistics> statistics,
      int groups) {
    int[] owners =
        matrices.stream().flatMapToInt(m -> Arrays.stream(m.slice().groupOf())).toArray();
    var each =
        standardised(
            matrices.stream()
                .flatMapToDouble(
                    matrix -> {
                      var x = Objects.requireNonNull(statistics.get(matrix.input()));
                      return Arrays.stream(fluctuations(model, matrix, role, x));
                    })
                .toArray());
    var scores = new double[groups];
    var counts = new int[groups];
    for (int j = 0; j < each.length; j++) {
      if (owners[j] >= 0) {
        scores[owners[j]] += each[j];
        counts[owners[j]]++;
      }
    }
    Arrays.setAll(scores, g -> scores[g] / counts[g]);
    return scores;
  }

  /** Var(x_j) · ‖W_:,j‖² of every input j of one matrix, squared for heads. */
  private static double[] fluctuations(
      TorchModel model, ReadingMatrix matrix, AxisRole role, Inputs.Statistics x) {
    var norms = squaredNorms(model, matrix);
    var variance = x.variance();
    var scores = new double[norms.length];
    for (int j = 0; j < scores.length; j++) {
      double score = variance[j] * norms[j];
      scores[j] = role == AxisRole.KEY_VALUE_HEADS ? score * score : score;
    }
    return scores;
  }

  /** ‖W_:,j‖² of every input j. */
  private static double[] squaredNorms(TorchModel model, ReadingMatrix matrix) {
    try (var scope = model.manager().newSubManager()) {
      var squares = matrix.slice().weight().square(); // (out, in)
      squares.attach(scope);
      var sums = HostArrays.floats(squares.sum(new int[] {0})); // (in,)
      return HostArrays.widened(sums);
    }
  }

  private static double[] standardised(double[] scores) {
    double mean = Arrays.stream(scores).average().orElse(0);
    double squares = Arrays.stream(scores).map(s -> (s - mean) * (s - mean)).sum();
    double deviation = Math.sqrt(squares / Math.max(1, scores.length - 1));
    return Arrays.stream(scores).map(s -> deviation > 0 ? (s - mean) / deviation : 0).toArray();
  }

  /**
   * Adds the mean contribution of {@code gone} to the bias.
   *
   * @return whether the matrix has a bias
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
      var column = HostArrays.send(scope, means).toDevice(weight.getDevice(), false); // (in,)
      var lost = weight.matMul(column); // (out,)
      lost.attach(scope);
      bias.addi(lost);
    }
    return true;
  }
}
