package io.lorashear.reconstruct;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.compensate.CompensationSettings.Towards;
import io.lorashear.compensate.OutputMatrix;
import io.lorashear.compensate.PairedWalk;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.dependency.Sublayer;
import io.lorashear.optim.AdamSettings;
import io.lorashear.optim.AdamW;
import io.lorashear.optim.LearningRate;
import io.lorashear.torch.Piece;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.Arithmetic;
import io.lorashear.torch.kernel.Kernels;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Trains every attention and MLP of a pruned model by itself (local reconstruction: arXiv
 * 2510.14444 compares it with retraining, and single matrices with whole submodules).
 *
 * <pre>
 *   for every attention and MLP f, in forward order:
 *     h  ← what it reads in the pruned model, whose earlier parts are trained already
 *     y₀ ← what it says in the dense model, for the same rows               towards: dense
 *          what it would have to say, so that both streams are one          towards: stream
 *     n times:  its weights or pairs ← AdamW on ∂ mean (f(h) − y₀)²
 *     as before, unless mean (f(h) − y₀)² over all rows is less now
 * </pre>
 *
 * A step goes forward and back through one part for one batch: n steps of all parts cost what n
 * steps of training cost without the head. The inputs and targets of one part are held for all
 * rows, with its gradients and moments. Where both models compute the same, nothing changes.
 */
public final class Reconstruction {
  /**
   * What became of one part.
   *
   * @param name of its last matrix
   * @param before mean of (f(h) − y₀)² over rows, positions and outputs
   * @param after the same, as it is left
   */
  public record Part(String name, double before, double after) {
    /** Adds it to {@code json}, by its name. */
    public void to(ObjectNode json) {
      json.putObject(name).put("before", before).put("after", after);
    }
  }

  /** One batch: inputs of a part, in the order of its piece, and its target. */
  private record Row(NDArray ids, List<NDArray> given, NDArray target) {}

  private final TorchModel dense;
  private final TorchModel pruned;
  private final Map<String, String> origins;
  private final ReconstructionSettings settings;
  private final long seed;
  private final Function<Set<String>, Collection<String>> trained;
  private final List<OutputMatrix.Pair> pairs;
  private final List<Sublayer> sublayers;
  private long tokens;

  /**
   * Of a model whose groups are cut out.
   *
   * @param origins names in the dense model of parameters that have others in the pruned one
   * @param seed seed of the order of batches
   * @param trained what is trained for the parameters of one part: these, or their LoRA pairs
   */
  public Reconstruction(
      TorchModel dense,
      TorchModel pruned,
      Map<String, String> origins,
      ReconstructionSettings settings,
      long seed,
      Function<Set<String>, Collection<String>> trained) {
    this.dense = dense;
    this.pruned = pruned;
    this.origins = origins;
    this.settings = settings;
    this.seed = seed;
    this.trained = trained;
    this.pairs = OutputMatrix.Pair.of(dense.graph(), pruned.graph(), origins);
    this.sublayers = PruningSpace.of(dense.graph()).sublayers();
  }

  /**
   * Trains all parts.
   *
   * @param batches token ids (B, T) of each
   * @param done is given each part when it is trained
   */
  public void run(List<int[][]> batches, Consumer<Part> done) {
    try (var walk = new PairedWalk(dense, pruned, batches)) {
      for (var pair : pairs) {
        var learning = trained.apply(parameters(pair.pruned().name()));
        if (!learning.isEmpty()) {
          walk.to(pair);
          pruned.trainable(learning);
          done.accept(rebuilt(walk, pair));
        }
      }
    } finally {
      pruned.trainable(List.of());
    }
  }

  /** Number of attentions and MLPs. */
  public int parts() {
    return pairs.size();
  }

  /**
   * Tokens that were trained on: those of the batch of each step, which every part has once. 0 if
   * no part differs from the dense model's.
   */
  public long tokens() {
    return tokens;
  }

  /** The pruned model's parameters of the attention or MLP that ends with {@code matrix}. */
  private Set<String> parameters(String matrix) {
    var origin = origins.getOrDefault(matrix, matrix);
    for (var part : sublayers) {
      if (part.parameters().contains(origin)) {
        var own = new LinkedHashSet<String>();
        pruned.graph().parameters().keySet().stream()
            .filter(name -> part.parameters().contains(origins.getOrDefault(name, name)))
            .forEach(own::add);
        return own;
      }
    }
    return Set.of(matrix);
  }

  private Part rebuilt(PairedWalk walk, OutputMatrix.Pair pair) {
    try (var scope = pruned.manager().newSubManager()) {
      var piece = new Piece(pruned, pair.pruned().said());
      var rows = rows(scope, walk, pair, piece);
      double before = error(piece, rows);
      double after = before;
      if (before > 0) {
        var weights = List.copyOf(pruned.trainable().values());
        var copies = weights.stream().map(weight -> copy(scope, weight)).toList();
        tokens = train(scope, piece, rows);
        after = error(piece, rows);
        if (!(after < before)) {
          Arithmetic.copy(weights, copies);
          after = before;
        }
      }
      return new Part(pair.pruned().name(), before, after);
    }
  }

  private static NDArray copy(NDManager scope, NDArray weight) {
    var copy = weight.duplicate();
    copy.attach(scope);
    return copy;
  }

  private List<Row> rows(NDManager scope, PairedWalk walk, OutputMatrix.Pair pair, Piece piece) {
    var own = pair.pruned();
    boolean stream = settings.towards() == Towards.STREAM;
    var taps = stream ? List.of(own.said(), own.compared(Towards.STREAM)) : List.of(own.said());
    var rows = new ArrayList<Row>();
    for (int i = 0; i < walk.batches(); i++) {
      var values = walk.pruned().values(scope, i, taps, piece.given());
      var target = walk.dense(scope, i, pair.dense().compared(settings.towards())).get(0);
      if (stream) {
        var lacking = target.sub(values.get(1)); // (B, T, hidden)
        target = values.get(0).add(lacking);
        target.attach(scope);
        lacking.close();
      }
      var given = List.copyOf(values.subList(taps.size(), values.size()));
      values.subList(0, taps.size()).forEach(NDArray::close);
      rows.add(new Row(walk.pruned().ids(i), given, target));
    }
    return rows;
  }

  private long train(NDManager scope, Piece piece, List<Row> rows) {
    var weights = List.copyOf(pruned.trainable().values());
    var adam = new AdamW(scope, pruned.trainable(), AdamSettings.USUAL);
    var rate =
        new LearningRate(settings.learningRate(), LearningRate.Shape.COSINE, 0, settings.steps());
    var order = new ArrayList<Row>();
    var random = new Random(seed);
    long count = 0;
    for (int step = 0; step < settings.steps(); step++) {
      if (order.isEmpty()) {
        order.addAll(rows);
        Collections.shuffle(order, random);
      }
      var row = order.remove(order.size() - 1);
      Kernels.zeroGradients(weights);
      try (var pass = scope.newSubManager()) {
        piece.backward(pass, row.ids(), row.given(), row.target());
        adam.step(rate.at(step));
      }
      count += row.ids().size();
    }
    return count;
  }

  private double error(Piece piece, List<Row> rows) {
    double sum = 0;
    long numbers = 0;
    for (var row : rows) {
      try (var pass = pruned.manager().newSubManager()) {
        long size = row.target().size();
        sum += size * HostArrays.number(piece.error(pass, row.ids(), row.given(), row.target()));
        numbers += size;
      }
    }
    return sum / Math.max(1, numbers);
  }
}
