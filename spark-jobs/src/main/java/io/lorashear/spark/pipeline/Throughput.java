package io.lorashear.spark.pipeline;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.torch.TorchModel;
import java.nio.file.Path;
import java.util.Random;

/**
 * The speed of a checkpoint in scoring text: 2 × 256 random ids, the best of five runs. It depends
 * on the machine, so it is reported and recorded but never part of a published result.
 */
final class Throughput {
  private static final int ROWS = 2;
  private static final int LENGTH = 256;
  private static final int REPEATS = 5;

  private Throughput() {}

  /** Tokens per second. */
  static double of(Path path, Device device) {
    try (var checkpoint = Checkpoint.open(path);
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), device)) {
      int length = Math.min(LENGTH, checkpoint.config().maximumPositions());
      var random = new Random(0);
      var ids = new int[ROWS][];
      for (int row = 0; row < ROWS; row++) {
        ids[row] = random.ints(length, 0, checkpoint.config().vocabularySize()).toArray();
      }
      double best = Double.MAX_VALUE;
      for (int repeat = 0; repeat < REPEATS; repeat++) {
        best = Math.min(best, seconds(model, ids));
      }
      return ROWS * length / best;
    }
  }

  private static double seconds(TorchModel model, int[][] ids) {
    long start = System.nanoTime();
    try (var scope = model.manager().newSubManager()) {
      model.tokenLosses(scope, model.ids(scope, ids)).toFloatArray(); // waits for the device
    }
    return (System.nanoTime() - start) / 1e9;
  }
}
