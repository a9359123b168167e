package io.lorashear.sparse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lorashear.graph.BlockMatrix;
import io.lorashear.graph.Value;
import io.lorashear.sparse.MatrixMethod.Reads;
import io.lorashear.torch.BlockWalk;
import io.lorashear.torch.kernel.ColumnSums;
import io.lorashear.torch.kernel.LeastSquares;
import io.lorashear.torch.kernel.Sparsity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Statistics of the inputs of matrices of one block, as a method needs them.
 *
 * <pre>
 *   norms_j = Σ x_j²        moments = Σ xᵀx        over all tokens that reach the matrix
 * </pre>
 */
final class BlockInputs {
  private final Map<Value, NDArray> known = new LinkedHashMap<>();
  private final Map<Value, Consumer<NDArray>> sums = new LinkedHashMap<>();

  private BlockInputs() {}

  /**
   * Measures the inputs in the next block of {@code walk}; matrices with the same input share one
   * statistic.
   */
  static BlockInputs of(NDManager scope, BlockWalk walk, List<BlockMatrix> matrices, Reads reads) {
    var inputs = new BlockInputs();
    for (var matrix : matrices) {
      inputs.known.computeIfAbsent(
          matrix.input(), key -> inputs.begin(scope, key, matrix.width(), reads));
    }
    if (reads != Reads.NOTHING) {
      walk.taps(
          List.copyOf(inputs.known.keySet()),
          (value, x) -> Objects.requireNonNull(inputs.sums.get(value)).accept(x));
    }
    return inputs;
  }

  private NDArray begin(NDManager scope, Value input, int width, Reads reads) {
    if (reads == Reads.MOMENTS) {
      var moments = scope.zeros(new Shape(width, width), DataType.FLOAT32);
      sums.put(input, x -> LeastSquares.addMoments(moments, x));
      return moments; // (in, in)
    }
    var columns = ColumnSums.zero(scope, width);
    sums.put(input, columns::add);
    return columns.squares(); // (in,)
  }

  /** The statistic of one matrix's input. */
  NDArray of(BlockMatrix matrix) {
    return Objects.requireNonNull(known.get(matrix.input()));
  }

  /** Whether any token reached the matrix, given the statistic of its input. */
  static boolean reached(NDArray inputs) {
    return Sparsity.zeros(inputs) < inputs.size();
  }

  /**
   * Splits matrices into shares whose statistics are held in memory together; matrices with the
   * same input stay in one share.
   *
   * @param most maximum count of numbers held at a time; one input's statistic is held even if it
   *     is larger
   */
  static List<List<BlockMatrix>> shares(List<BlockMatrix> matrices, Reads reads, long most) {
    var byInput = new LinkedHashMap<Value, List<BlockMatrix>>();
    for (var matrix : matrices) {
      byInput.computeIfAbsent(matrix.input(), key -> new ArrayList<>()).add(matrix);
    }
    var shares = new ArrayList<List<BlockMatrix>>();
    long held = most;
    for (var together : byInput.values()) {
      long width = together.get(0).width();
      long size = reads == Reads.MOMENTS ? width * width : width;
      if (held + size > most) {
        shares.add(new ArrayList<>());
        held = 0;
      }
      held += size;
      shares.get(shares.size() - 1).addAll(together);
    }
    return shares;
  }
}
