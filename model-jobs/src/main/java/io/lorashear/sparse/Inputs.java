package io.lorashear.sparse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lorashear.graph.Value;
import io.lorashear.sparse.MatrixMethod.Reads;
import io.lorashear.torch.BlockPass;
import io.lorashear.torch.LeastSquares;
import io.lorashear.torch.Sparsity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a method knows of the inputs of matrices of one block.
 *
 * <pre>
 *   norms_j = Σ x_j²        moments = Σ xᵀx        over all tokens that reach the matrix
 * </pre>
 */
final class Inputs {
  private final Map<Value, NDArray> found = new LinkedHashMap<>();

  private Inputs() {}

  /** Of the block that comes next in {@code pass}; matrices with one input share what is known. */
  static Inputs of(NDManager scope, BlockPass pass, List<BlockMatrix> matrices, Reads reads) {
    var inputs = new Inputs();
    for (var matrix : matrices) {
      inputs.found.computeIfAbsent(
          matrix.input(), key -> scope.zeros(shape(matrix, reads), DataType.FLOAT32));
    }
    if (reads != Reads.NOTHING) {
      var sums = List.copyOf(inputs.found.values());
      pass.inside(inputs.found.keySet(), values -> add(sums, values, reads));
    }
    return inputs;
  }

  private static Shape shape(BlockMatrix matrix, Reads reads) {
    return reads == Reads.MOMENTS
        ? new Shape(matrix.width(), matrix.width())
        : new Shape(matrix.width());
  }

  private static void add(List<NDArray> sums, List<NDArray> values, Reads reads) {
    for (int i = 0; i < sums.size(); i++) {
      if (reads == Reads.MOMENTS) {
        LeastSquares.addMoments(sums.get(i), values.get(i)); // (in, in)
      } else {
        Sparsity.addNorms(sums.get(i), values.get(i)); // (in,)
      }
    }
  }

  /** Of one matrix. */
  NDArray of(BlockMatrix matrix) {
    return Objects.requireNonNull(found.get(matrix.input()));
  }

  /** Whether any token reached a matrix with these inputs. */
  static boolean reached(NDArray inputs) {
    return inputs.sum().getFloat() > 0;
  }

  /**
   * Matrices whose inputs are known at a time; those with one input stay together.
   *
   * @param most numbers that are held, at least those of one input
   */
  static List<List<BlockMatrix>> shares(List<BlockMatrix> matrices, Reads reads, long most) {
    var byInput = new LinkedHashMap<Value, List<BlockMatrix>>();
    for (var matrix : matrices) {
      byInput.computeIfAbsent(matrix.input(), key -> new ArrayList<>()).add(matrix);
    }
    var shares = new ArrayList<List<BlockMatrix>>();
    long held = most;
    for (var together : byInput.values()) {
      long size = shape(together.get(0), reads).size();
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
