package io.lorashear.score;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.corpus.SoftTargets;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Chunk;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.engine.HostArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Computes how likely a model finds token sequences. Nothing is padded: sequences of the same
 * length are computed together, and requests are merged at their common prefixes. The division into
 * batches depends on the given list and the kind of device alone. May be used by several threads.
 */
public final class Scorer implements ScoringModel {
  private final TorchModel model;
  private final int longest;
  private final int vocabulary;
  private final boolean owned;

  private Scorer(TorchModel model, int longest, boolean owned) {
    this.model = model;
    this.longest = longest;
    this.vocabulary = model.graph().shape(model.graph().logits()).get(0).size();
    this.owned = owned;
  }

  /**
   * A scorer in float32 with the checkpoint's weights in memory; the checkpoint may be closed
   * afterwards.
   */
  public static Scorer open(Checkpoint checkpoint, Device device) {
    return open(checkpoint, device, Precision.FLOAT32);
  }

  /** The same in another precision; softmaxes, sums and losses are always computed in float32. */
  public static Scorer open(Checkpoint checkpoint, Device device, Precision precision) {
    var tensors = List.of(checkpoint.tensors());
    var model =
        TorchModel.load(checkpoint.graph(), tensors, Placement.of(device, precision), Set.of());
    return new Scorer(model, checkpoint.config().maximumPositions(), true);
  }

  /**
   * A scorer over a model that the caller owns, with its current weights at each call.
   *
   * @param longest number of positions of the model
   */
  public static Scorer over(TorchModel model, int longest) {
    return new Scorer(model, longest, false);
  }

  @Override
  public int longest() {
    return longest;
  }

  /**
   * {@inheritDoc}
   *
   * @throws InputException if a sequence is too short or too long, or has a token that is not in
   *     the model's vocabulary
   */
  @Override
  public double[][] tokenLosses(List<int[]> sequences) {
    return losses(sequences, null);
  }

  /**
   * {@link #tokenLosses} of rows that hold several documents, none of which attends to another. The
   * value for a document's first token is meaningless.
   *
   * @param starts for each sequence, the index in it where each token's document begins
   * @throws InputException as {@link #tokenLosses}
   */
  public double[][] packedTokenLosses(List<int[]> sequences, List<int[]> starts) {
    return losses(sequences, starts);
  }

  /**
   * Bitwise the same {@link #tokenLosses}, with the model's predictions from the same pass.
   *
   * @param starts as in {@link #packedTokenLosses}; null if a row is one document
   * @param top number of most likely tokens per position, at most the vocabulary size
   * @throws InputException as {@link #tokenLosses}
   */
  public List<Prediction> predictions(
      List<int[]> sequences, @Nullable List<int[]> starts, int top) {
    requireScorable(sequences);
    var predictions = new Prediction[sequences.size()];
    for (List<Integer> batch : batches(sequences, model.chunk())) {
      var found =
          predictions(rows(sequences, batch), starts == null ? null : rows(starts, batch), top);
      for (int row = 0; row < batch.size(); row++) {
        predictions[batch.get(row)] = found.get(row);
      }
    }
    return List.of(predictions);
  }

  private List<Prediction> predictions(int[][] rows, int @Nullable [][] starts, int top) {
    try (NDManager scope = model.manager().newSubManager()) {
      var begins = starts == null ? null : model.ids(scope, starts);
      var found = model.tokenPredictions(scope, model.ids(scope, rows), begins, top);
      var all =
          new SoftTargets(
              top,
              HostArrays.ints(found.get(1)),
              HostArrays.floats(found.get(2)),
              HostArrays.floats(found.get(3)));
      float[] losses = HostArrays.floats(found.get(0));
      int predicted = losses.length / rows.length;
      return IntStream.range(0, rows.length)
          .map(row -> row * predicted)
          .mapToObj(
              start -> new Prediction(widened(losses, start, predicted), all.of(start, predicted)))
          .toList();
    }
  }

  private void requireScorable(List<int[]> sequences) {
    for (int[] ids : sequences) {
      known(ids);
      if (ids.length < 2 || ids.length > longest + 1) {
        throw new InputException(
            "A sequence of %d tokens cannot be scored: the model takes 2 to %d",
            ids.length, longest + 1);
      }
    }
  }

  private double[][] losses(List<int[]> sequences, @Nullable List<int[]> starts) {
    requireScorable(sequences);
    var losses = new double[sequences.size()][];
    for (List<Integer> batch : batches(sequences, model.chunk())) {
      float[] flat =
          batchLosses(rows(sequences, batch), starts == null ? null : rows(starts, batch));
      for (int row = 0; row < batch.size(); row++) {
        int predicted = flat.length / batch.size();
        losses[batch.get(row)] = widened(flat, row * predicted, predicted);
      }
    }
    return losses;
  }

  /** Indices of the sequences that {@link #tokenLosses} computes together, in its order. */
  public static List<List<Integer>> batches(List<int[]> sequences, Chunk chunk) {
    var byLength = new TreeMap<Integer, List<Integer>>();
    for (int s = 0; s < sequences.size(); s++) {
      byLength.computeIfAbsent(sequences.get(s).length, length -> new ArrayList<>()).add(s);
    }
    var batches = new ArrayList<List<Integer>>();
    byLength.forEach(
        (length, indices) -> {
          int rows = Math.max(1, chunk.tokens() / length);
          for (int start = 0; start < indices.size(); start += rows) {
            batches.add(indices.subList(start, Math.min(start + rows, indices.size())));
          }
        });
    return batches;
  }

  private int[] known(int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= vocabulary) {
        throw new InputException(
            "Token id %d, but the model's embedding has %d rows:"
                + " use the tokenizer that came with the model, without added tokens beyond them",
            id, vocabulary);
      }
    }
    return ids;
  }

  private static int[][] rows(List<int[]> all, List<Integer> batch) {
    return batch.stream().map(all::get).toArray(int[][]::new);
  }

  private float[] batchLosses(int[][] rows, int @Nullable [][] starts) {
    try (NDManager scope = model.manager().newSubManager()) {
      var ids = model.ids(scope, rows);
      return HostArrays.floats(
          starts == null
              ? model.tokenLosses(scope, ids)
              : model.packedTokenLosses(scope, ids, model.ids(scope, starts)));
    }
  }

  private static double[] widened(float[] values, int start, int count) {
    return IntStream.range(start, start + count).mapToDouble(i -> values[i]).toArray();
  }

  /**
   * {@inheritDoc}
   *
   * <p>A request longer than the model's positions loses tokens from the left of its context.
   *
   * @throws InputException if a continuation alone is longer than the model's positions, or a token
   *     is unknown
   */
  @Override
  public List<Score> score(List<Request> requests, IntConsumer done) {
    for (Request request : requests) {
      known(request.context());
      known(request.continuation());
    }
    var sums = new double[requests.size()];
    var greedy = new boolean[requests.size()];
    Arrays.fill(greedy, true);
    for (PrefixPack pack : PrefixPacks.of(requests, longest, model.chunk().nodes())) {
      add(pack, sums, greedy);
      done.accept((int) Arrays.stream(pack.requests()).distinct().count());
    }
    return IntStream.range(0, sums.length).mapToObj(r -> new Score(sums[r], greedy[r])).toList();
  }

  /**
   * Indices, in order, of the requests that {@link #score} computes together. Scored on their own,
   * they form the same pack again. Requests without a continuation are in no pack.
   *
   * @param longest number of positions of the model
   */
  public static List<List<Integer>> packs(List<Request> requests, int longest, Chunk chunk) {
    return PrefixPacks.of(requests, longest, chunk.nodes()).stream()
        .map(pack -> Arrays.stream(pack.requests()).distinct().sorted().boxed().toList())
        .toList();
  }

  private void add(PrefixPack pack, double[] sums, boolean[] greedy) {
    try (NDManager scope = model.manager().newSubManager()) {
      var scores =
          model.treeScores(
              scope,
              model.ids(scope, pack.ids()),
              array(scope, pack.positions()),
              array(scope, pack.ends()),
              array(scope, pack.rows()),
              array(scope, pack.askedRows()),
              array(scope, pack.askedTargets()));
      float[] logProbabilities = HostArrays.floats(scores.get(0));
      long[] likeliest = HostArrays.longs(scores.get(1));
      for (int k = 0; k < logProbabilities.length; k++) {
        int request = pack.requests()[k];
        sums[request] += logProbabilities[k];
        greedy[request] &= likeliest[k] == 1;
      }
    }
  }

  private static NDArray array(NDManager scope, int[] values) {
    return HostArrays.send(scope, Arrays.stream(values).asLongStream().toArray());
  }

  @Override
  public void close() {
    if (owned) {
      model.close();
    }
  }
}
