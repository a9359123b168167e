package io.lorashear.compensate;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.lorashear.graph.Value;
import io.lorashear.torch.BlockWalk;
import io.lorashear.torch.TorchModel;
import java.util.List;

/**
 * The same rows through the dense and the pruned model, block by block. Blocks that the pruned
 * model no longer has are passed over.
 */
public final class PairedWalk implements AutoCloseable {
  private final BlockWalk dense;
  private final BlockWalk pruned;

  /** Starts before the first block of both. */
  public PairedWalk(TorchModel dense, TorchModel pruned, List<int[][]> batches) {
    this.dense = new BlockWalk(dense, batches);
    this.pruned = new BlockWalk(pruned, batches);
  }

  /** Goes on to the blocks of a pair, with the weights that earlier blocks have now. */
  public void to(OutputMatrix.Pair pair) {
    to(dense, pair.dense().block());
    to(pruned, pair.pruned().block());
  }

  private static void to(BlockWalk walk, String block) {
    while (!walk.block().equals(block)) {
      walk.next();
    }
  }

  /** Number of batches. */
  public int batches() {
    return pruned.batches();
  }

  /** The rows in the pruned model. */
  public BlockWalk pruned() {
    return pruned;
  }

  /** A value of the dense model for one batch, in float32. */
  public NDList dense(NDManager scope, int batch, Value value) {
    return dense.values(scope, batch, List.of(value), List.of());
  }

  @Override
  public void close() {
    pruned.close();
    dense.close();
  }
}
