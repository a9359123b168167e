package io.lorashear.sparse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.graph.BlockMatrix;
import io.lorashear.sparse.MatrixMethod.Reads;
import io.lorashear.torch.BlockWalk;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.kernel.Sparsity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Sets weights of a model's matrices to zero, block by block, as Wanda and SparseGPT do.
 *
 * <pre>
 *   for each block b:
 *     X      ← inputs of its matrices, from h_b, with the block as it is
 *     W      ← method(W, X)              every matrix of the block
 *     h_{b+1} ← block_b(h_b)             with the zeros; without them if propagate is false
 * </pre>
 *
 * At most {@value #NUMBERS} numbers of input statistics are held at a time, but always at least
 * those of one matrix; the rows pass through a block once for each such share of its matrices.
 */
final class Sparsifier {
  private static final long NUMBERS = SparsifyStage.NUMBERS;

  private final TorchModel model;
  private final MatrixMethod method;
  private final boolean propagate;
  private final List<SparseReport.Matrix> done = new ArrayList<>();

  /** A sparsifier that changes the weights of {@code model}. */
  Sparsifier(TorchModel model, MatrixMethod method, boolean propagate) {
    this.model = model;
    this.method = method;
    this.propagate = propagate;
  }

  /**
   * Sparsifies all blocks.
   *
   * @param rows token ids of each row
   * @param step called after each block
   */
  SparseReport run(List<int[]> rows, Runnable step) {
    boolean blind = method.reads() == Reads.NOTHING;
    var batches = rows.stream().map(ids -> new int[][] {ids}).toList();
    var matrices =
        BlockMatrix.of(model.graph()).stream().collect(Collectors.groupingBy(BlockMatrix::block));
    try (var walk = new BlockWalk(model, blind ? List.of() : batches)) {
      boolean more = true;
      while (more) {
        more = walk.hasNext();
        block(walk, matrices.getOrDefault(walk.block(), List.of()), more ? walk::next : () -> {});
        step.run();
      }
    }
    return new SparseReport(model.graph().parameterCount(), List.copyOf(done));
  }

  private void block(BlockWalk walk, List<BlockMatrix> matrices, Runnable next) {
    try (var scope = model.manager().newSubManager()) {
      var sparse = new LinkedHashMap<BlockMatrix, NDArray>();
      for (var share : BlockInputs.shares(matrices, method.reads(), NUMBERS)) {
        sparse.putAll(sparse(scope, walk, share));
      }
      if (!propagate) {
        next.run();
      }
      sparse.forEach((matrix, weight) -> Sparsity.put(live(matrix), weight));
    }
    if (propagate) {
      next.run();
    }
  }

  /**
   * The sparse matrices of one share. The model is not changed yet, because all matrices of a block
   * are measured before any is replaced.
   */
  private Map<BlockMatrix, NDArray> sparse(
      NDManager scope, BlockWalk walk, List<BlockMatrix> share) {
    var sparse = new LinkedHashMap<BlockMatrix, NDArray>();
    try (var measured = scope.newSubManager()) {
      var inputs = BlockInputs.of(measured, walk, share, method.reads());
      for (var matrix : share) {
        var known = inputs.of(matrix);
        var weight = method.sparse(scope, live(matrix), known); // (out, in)
        sparse.put(matrix, weight);
        boolean reached = method.reads() == Reads.NOTHING || BlockInputs.reached(known);
        done.add(
            new SparseReport.Matrix(matrix.name(), weight.size(), Sparsity.zeros(weight), reached));
      }
    }
    return sparse;
  }

  /** The model's own weights, (out, in): a view if they are stored transposed. */
  private NDArray live(BlockMatrix matrix) {
    var stored = model.parameter(matrix.name());
    return matrix.turned() ? stored.transpose(1, 0) : stored;
  }
}
