package io.lorashear.spark.perplexity;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.device.Place;
import io.lorashear.device.Running;
import io.lorashear.score.Prediction;
import io.lorashear.score.Request;
import io.lorashear.score.Score;
import io.lorashear.score.Scorer;
import io.lorashear.settings.Storage;
import io.lorashear.spark.store.LocalCopy;
import io.lorashear.torch.PrecisionChoice;
import io.lorashear.torch.compile.Chunk;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reference to a model that can be sent with tasks. Every JVM has one model open, and one task at
 * a time uses it, with all cores.
 *
 * @param hash hash of the checkpoint, so that another one at the same path is opened anew
 * @param runs receives the device and number type
 */
record ExecutorScorer(
    String checkpoint, String hash, Place device, PrecisionChoice precision, ExecutorRuns runs)
    implements Serializable {

  /**
   * An open model.
   *
   * @param from the path, hash, device and precision that identify it
   */
  private record Opened(List<Object> from, Running running, Scorer scorer) {}

  private static @Nullable Opened opened;

  /** How the driver, which does not know the executors' devices, cuts what it sends them. */
  Chunk chunk() {
    return Chunk.of(device == Place.GPU);
  }

  /** Like {@link Scorer#tokenLosses}. */
  double[][] tokenLosses(List<int[]> sequences) {
    synchronized (ExecutorScorer.class) {
      return scorer().tokenLosses(sequences);
    }
  }

  /** Like {@link Scorer#packedTokenLosses}. */
  double[][] packedTokenLosses(List<int[]> sequences, List<int[]> starts) {
    synchronized (ExecutorScorer.class) {
      return scorer().packedTokenLosses(sequences, starts);
    }
  }

  /** Like {@link Scorer#predictions}. */
  List<Prediction> predictions(List<int[]> sequences, @Nullable List<int[]> starts, int top) {
    synchronized (ExecutorScorer.class) {
      return scorer().predictions(sequences, starts, top);
    }
  }

  /** Like {@link Scorer#score(List)}. */
  List<Score> score(List<Request> requests) {
    synchronized (ExecutorScorer.class) {
      return scorer().score(requests);
    }
  }

  private Scorer scorer() {
    var present = opened;
    var from = List.<Object>of(checkpoint, hash, device, precision);
    if (present == null || !present.from().equals(from)) {
      release();
      present = open(from);
      opened = present;
    }
    runs.add(present.running());
    return present.scorer();
  }

  private Opened open(List<Object> from) {
    try (var files = Checkpoint.open(LocalCopy.of(Storage.pathOf(checkpoint), hash))) {
      var where = device.device("device");
      var numbers = precision.on(where);
      var scorer = Scorer.open(files, where, numbers);
      return new Opened(from, Running.of(where, numbers.toString()), scorer);
    }
  }

  /** Closes the model of this JVM. */
  static void release() {
    synchronized (ExecutorScorer.class) {
      if (opened != null) {
        opened.scorer().close();
        opened = null;
      }
    }
  }
}
