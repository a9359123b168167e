package io.lorashear.saliency;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lorashear.InputException;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.graph.GraphReplay;
import io.lorashear.graph.GraphReplay.Factor;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Value;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.Kernels;
import io.lorashear.torch.kernel.PositionKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * {@link FisherScore} with every position of a row as a sample of its own: a row of 256 tokens
 * gives 256 slopes of each group instead of one. With x_t what a matrix reads at position t:
 *
 * <pre>
 *   G_tg = Σ over the inputs j of g of x_tj · ∂loss of the row/∂x_tj     ∂loss/∂m_g, at t alone
 *   s_g  = Σ over rows and positions of G_tg²
 *
 *   x′_t = x_t ∘ F_t,  F = 1:   ∂loss/∂F_t = x_t ∘ ∂loss/∂x_t            all positions in one pass
 * </pre>
 *
 * No matrix needs a gradient: instead of those of W (out, in) there are those of F (tokens, in). Of
 * the products of groups there are too many; for {@link JointFisher} each row gives K sums with
 * random signs, whose products are in the mean those of all positions:
 *
 * <pre>
 *   G_kg = 1/√K Σ_t ε_kt G_tg,   ε = ±1           E[Σ_k G_kg G_kh] = Σ_t G_tg G_th
 * </pre>
 */
public final class PositionFisher {
  private static final int SUMS = 4; // K

  /** A table F, and of which groups its features are. */
  private record Read(String table, int axis, NDArray owners) {}

  private final TorchModel model;
  private final List<AxisWeights> axes;
  private final int positions;
  private final Random random;
  private final List<Read> read = new ArrayList<>();
  private final Map<Value, Factor> factors = new LinkedHashMap<>();

  /** Adds the gradients of the loss of one row. */
  @FunctionalInterface
  public interface Backward {
    /** The same on {@code factored}, which computes what the model computes. */
    void of(TorchModel factored, int row);
  }

  /**
   * Measures nothing yet.
   *
   * @param positions number of tokens of every row
   * @param random gives the signs
   */
  public PositionFisher(TorchModel model, List<AxisWeights> axes, int positions, Random random) {
    this.model = model;
    this.axes = axes;
    this.positions = positions;
    this.random = random;
    for (int i = 0; i < axes.size(); i++) {
      for (var slice : axes.get(i).readers()) {
        for (var value : inputs(model.graph(), slice.name())) {
          var factor =
              factors.computeIfAbsent(value, v -> new Factor("factor." + v.id(), positions));
          read.add(new Read(factor.table(), i, slice.grouped().groupOf()));
        }
      }
    }
  }

  private static List<Value> inputs(ModelGraph graph, String weight) {
    return Sought.LINEAR.in(graph).stream()
        .filter(linear -> linear.operator().weight().equals(weight))
        .map(linear -> linear.node().input())
        .distinct()
        .toList();
  }

  /**
   * Refuses axes whose groups have no activation at every position.
   *
   * @throws InputException if there are any
   */
  public static void require(ModelGraph graph, List<PrunableAxis> axes) {
    if (!Sought.DISPATCH.in(graph).isEmpty()) {
      throw new InputException(
          "saliency.by is position, but the model has experts, which do not see every position: set"
              + " it to row");
    }
    for (var axis : axes) {
      boolean read =
          axis.slices().stream()
              .anyMatch(
                  slice ->
                      Sought.LINEAR.in(graph).stream()
                          .anyMatch(l -> l.operator().weight().equals(slice.parameter().name())));
      if (!read) {
        throw new InputException(
            "saliency.by is position, but no matrix reads %s: set it to row", axis.name());
      }
    }
  }

  /**
   * The Fisher information of every group.
   *
   * @param rows number of rows
   * @param together whether the slopes are kept
   */
  public FisherInformation of(int rows, boolean together, Backward backward) {
    return model.learningInstead(List.of(), () -> measured(rows, together, backward));
  }

  private FisherInformation measured(int rows, boolean together, Backward backward) {
    var graph = GraphReplay.factored(model.graph(), factors);
    var tables = new LinkedHashMap<String, NDArray>();
    try (var scope = model.manager().newSubManager()) {
      for (var factor : factors.values()) {
        var shape = new Shape(graph.parameter(factor.table()).shape());
        tables.put(factor.table(), scope.ones(shape, DataType.FLOAT32));
      }
      try (var factored = model.sharing(graph, tables)) {
        factored.trainable(tables.keySet());
        var sums = axes.stream().map(axis -> new double[axis.size()]).toList();
        var all = new ArrayList<float[]>();
        for (int row = 0; row < rows; row++) {
          Kernels.zeroGradients(List.copyOf(tables.values()));
          backward.of(factored, row);
          var slopes = add(factored, sums);
          if (together) {
            all.addAll(slopes);
          }
        }
        factored.trainable(List.of());
        return new FisherInformation(sums, together ? new GroupSlopes(all) : null);
      }
    }
  }

  /** Adds the squares of one row's slopes to {@code sums}, and returns its sums with signs. */
  private List<float[]> add(TorchModel factored, List<double[]> sums) {
    var slopes = new ArrayList<List<double[]>>();
    for (int k = 0; k < SUMS; k++) {
      slopes.add(new ArrayList<>());
    }
    try (var scope = factored.manager().newSubManager()) {
      var signs = signs(scope); // (K, T)
      var asked = new ArrayList<NDArray>();
      for (int i = 0; i < axes.size(); i++) {
        asked.addAll(sums(scope, factored, i, signs));
      }
      var found = HostArrays.floats(asked);
      for (int i = 0; i < axes.size(); i++) {
        var sum = sums.get(i);
        var squares = found.get(2 * i);
        var signed = found.get(2 * i + 1); // (groups, K)
        Arrays.setAll(sum, g -> sum[g] + squares[g]);
        for (int k = 0; k < SUMS; k++) {
          var each = new double[sum.length];
          int at = k;
          Arrays.setAll(each, g -> signed[g * SUMS + at] / Math.sqrt(SUMS));
          slopes.get(k).add(each);
        }
      }
    }
    return slopes.stream().map(GroupSlopes::row).toList();
  }

  private List<NDArray> sums(NDManager scope, TorchModel factored, int axis, NDArray signs) {
    var own = read.stream().filter(each -> each.axis == axis).toList();
    var gradients = own.stream().map(each -> factored.gradient(scope, each.table)).toList();
    var owners = own.stream().map(Read::owners).toList();
    return PositionKernels.sums(scope, gradients, owners, signs, axes.get(axis).size());
  }

  private NDArray signs(NDManager scope) {
    var signs = new float[SUMS * positions];
    for (int i = 0; i < signs.length; i++) {
      signs[i] = random.nextBoolean() ? 1 : -1;
    }
    return HostArrays.send(scope, signs, new Shape(SUMS, positions));
  }
}
