package io.lorashear.spark.perplexity;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.device.Place;
import io.lorashear.device.Running;
import io.lorashear.score.Prediction;
import io.lorashear.score.Request;
import io.lorashear.score.Score;
import io.lorashear.score.Scorer;
import io.lorashear.settings.Storage;
import io.lorashear.torch.PrecisionChoice;
import io.lorashear.torch.compile.Chunk;
import io.lorashear.vocabulary.VocabularyMap;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A reference to a model that can be sent with tasks. Every JVM has one model open, and one task at
 * a time uses it, with all cores.
 *
 * @param hash hash of the checkpoint, so that another one at the same path is opened anew
 * @param map whether rows have the ids from before the model lost tokens
 * @param runs receives the device and number type
 */
record ExecutorScorer(
    String checkpoint,
    String hash,
    Place device,
    PrecisionChoice precision,
    boolean map,
    ExecutorRuns runs)
    implements Serializable {

  /**
   * An open model.
   *
   * @param from the path, hash, device and precision that identify it
   * @param map its ids before and after, if it lost tokens
   */
  private record Opened(
      List<Object> from, Running running, Scorer scorer, Optional<VocabularyMap> map) {
    VocabularyMap ids() {
      return map.orElseThrow();
    }
  }

  private static @Nullable Opened opened;

  /** How the driver, which does not know the executors' devices, cuts what it sends them. */
  Chunk chunk() {
    return Chunk.of(device == Place.GPU);
  }

  /** Like {@link Scorer#tokenLosses}; of the rows' own ids, whatever the model's are. */
  double[][] tokenLosses(List<int[]> sequences) {
    synchronized (ExecutorScorer.class) {
      var model = model();
      return map
          ? model.ids().lossesBefore(sequences, model.scorer()::tokenLosses)
          : model.scorer().tokenLosses(sequences);
    }
  }

  /** Like {@link Scorer#packedTokenLosses}; of the rows' own ids, whatever the model's are. */
  double[][] packedTokenLosses(List<int[]> sequences, List<int[]> starts) {
    synchronized (ExecutorScorer.class) {
      var scorer = model().scorer();
      if (!map) {
        return scorer.packedTokenLosses(sequences, starts);
      }
      var ids = model().ids();
      var startsAfter = ids.startsAfter(sequences, starts);
      return ids.lossesBefore(sequences, rows -> scorer.packedTokenLosses(rows, startsAfter));
    }
  }

  /** Like {@link Scorer#predictions}. */
  List<Prediction> predictions(List<int[]> sequences, @Nullable List<int[]> starts, int top) {
    synchronized (ExecutorScorer.class) {
      return model().scorer().predictions(sequences, starts, top);
    }
  }

  /** Like {@link Scorer#score(List)}. */
  List<Score> score(List<Request> requests) {
    synchronized (ExecutorScorer.class) {
      return model().scorer().score(requests);
    }
  }

  private Opened model() {
    var present = opened;
    var from = List.<Object>of(checkpoint, hash, device, precision);
    if (present == null || !present.from().equals(from)) {
      release();
      present = open(from);
      opened = present;
    }
    runs.add(present.running());
    return present;
  }

  private Opened open(List<Object> from) {
    try (var files = Checkpoint.open(Storage.pathOf(checkpoint))) {
      var where = device.device("device");
      var numbers = precision.on(where);
      var scorer = Scorer.open(files, where, numbers);
      return new Opened(
          from, Running.of(where, numbers.toString()), scorer, VocabularyMap.of(files));
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
