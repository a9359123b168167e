package io.lorashear.verify;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.engine.HostArrays;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** Computes the figures of an {@link Expectation}, in float32. */
public final class Measurement {
  private static final int ROWS = 2;
  private static final int LENGTH = 24;

  private final TorchModel model;
  private final List<List<Double>> last = new ArrayList<>();
  private final List<List<Double>> cached = new ArrayList<>();
  private final List<List<Double>> sums = new ArrayList<>();

  /** Negative log-likelihood of all rows' ids but the first, in nats. */
  private double loss;

  private Measurement(TorchModel model) {
    this.model = model;
  }

  /** Two rows of 24 ids for {@code checkpoint}, or as many as it has positions for. */
  public static List<List<Integer>> ids(Checkpoint checkpoint, long seed) {
    var random = new Random(seed);
    int vocabulary = checkpoint.config().vocabularySize();
    int length = Math.min(LENGTH, checkpoint.config().maximumPositions());
    return Stream.generate(() -> random.ints(length, 0, vocabulary).boxed().toList())
        .limit(ROWS)
        .toList();
  }

  /**
   * The figures that {@code checkpoint} computes for {@code ids}.
   *
   * @param ids rows of the same length
   * @param cached whether to read the rows token by token too
   * @param gradients whether to compute gradients too; they take as much memory as the weights
   * @param precision number type of the model
   * @throws InputException when an id or a position is beyond those of the model
   */
  public static Expectation of(
      Checkpoint checkpoint,
      List<List<Integer>> ids,
      boolean cached,
      boolean gradients,
      Device device,
      Precision precision) {
    check(checkpoint, ids);
    var tensors = List.of(checkpoint.tensors());
    try (var model =
            TorchModel.load(
                checkpoint.graph(), tensors, Placement.of(device, precision), Set.of());
        var scope = model.manager().newSubManager()) {
      var measurement = new Measurement(model);
      for (var row : ids) {
        measurement.row(row);
      }
      if (cached) {
        ids.forEach(measurement::tokenByToken);
      }
      Map<String, Double> norms = new LinkedHashMap<>();
      double loss =
          gradients
              ? measurement.gradients(scope, model.ids(scope, rows(ids)), norms)
              : measurement.loss / (ids.size() * (ids.get(0).size() - 1));
      return new Expectation(
          ids,
          measurement.last,
          measurement.cached,
          measurement.sums,
          OptionalDouble.of(loss),
          norms,
          OptionalLong.of(checkpoint.graph().parameterCount()));
    }
  }

  private static void check(Checkpoint checkpoint, List<List<Integer>> ids) {
    int vocabulary = checkpoint.config().vocabularySize();
    int positions = checkpoint.config().maximumPositions();
    for (var row : ids) {
      for (int id : row) {
        if (id < 0 || id >= vocabulary) {
          throw new InputException(
              "the expectation has the id %d, but %s has ids from 0 to %d",
              id, checkpoint.path(), vocabulary - 1);
        }
      }
      if (row.size() > positions) {
        throw new InputException(
            "the expectation has rows of %d ids, but %s has %d positions",
            row.size(), checkpoint.path(), positions);
      }
    }
  }

  private static int[][] rows(List<List<Integer>> ids) {
    return ids.stream()
        .map(row -> row.stream().mapToInt(Integer::intValue).toArray())
        .toArray(int[][]::new);
  }

  private void row(List<Integer> row) {
    try (var scope = model.manager().newSubManager()) {
      var logits = model.logits(scope, model.ids(scope, rows(List.of(row)))).get(0); // (T, vocab.)
      last.add(numbers(HostArrays.floats(logits.get(row.size() - 1))));
      sums.add(numbers(HostArrays.floats(logits.sum(new int[] {1})))); // (T)
      var next =
          HostArrays.send(scope, row.stream().skip(1).mapToLong(Integer::longValue).toArray());
      var predicted = logits.get(":-1").logSoftmax(-1); // (T − 1, vocabulary)
      loss -= HostArrays.number(predicted.gather(next.expandDims(1), 1).sum());
    }
  }

  private void tokenByToken(List<Integer> row) {
    try (var text = model.continuation()) {
      row.subList(0, row.size() - 1).forEach(text::logits);
      cached.add(numbers(text.logits(row.get(row.size() - 1))));
    }
  }

  private double gradients(NDManager scope, NDArray tokens, Map<String, Double> norms) {
    model.trainable(model.graph().parameters().keySet());
    double loss = model.lossAndBackward(tokens, scope.ones(tokens.getShape()), 1);
    for (var name : model.trainable().keySet()) {
      norms.put(name, (double) HostArrays.number(model.gradient(scope, name).norm()));
    }
    return loss;
  }

  private static List<Double> numbers(float[] vector) {
    var numbers = new ArrayList<Double>();
    for (float number : vector) {
      numbers.add((double) number);
    }
    return numbers;
  }
}
