package io.lorashear.rank;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.lora.LoraBinding;
import io.lorashear.optim.AdamW;
import io.lorashear.optim.Optimizer;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.RankKernels;
import io.lorashear.torch.kernel.RankKernels.Side;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * AdamW on LoRA pairs whose components are pruned during training (PrunedLoRA, arXiv 2510.00192).
 *
 * <pre>
 *   before step n, if K1 divides n &gt; 0 and the final rank is not reached:
 *     M ← the components with the lowest scores, from gradients at the current weights
 *     B of the kept components compensates for M                              {@link Curvature}
 *     B_:,M ← 0    A_M,: ← 0    their gradients ← 0    their moments ← 0
 *   step of AdamW
 * </pre>
 *
 * Removed components stay exactly zero: with A_j and B_j zero, both their gradients are zero (∂B_j
 * = s·g·A_j x and ∂A_j = s·⟨B_j, g⟩·x), and so are the moments and every step of AdamW, weight
 * decay included. They are cut out when the pairs are written; until then no array changes its
 * shape.
 */
public final class RankPruner implements Optimizer {
  private final AdamW adam;
  private final RankSettings settings;
  private final int rank;
  private final List<Pair> pairs;
  private final List<BitSet> kept = new ArrayList<>();
  private final Curvature curvature;
  private final RankScore score;
  private final List<RankEvent> events = new ArrayList<>();
  private long steps;

  /**
   * A pruner that has not removed anything yet.
   *
   * @param adam optimizer whose weights are those of the pairs
   * @param parameter finds a live parameter by name
   * @param rank components that every pair keeps, on average
   * @param seed of random scores
   */
  public RankPruner(
      NDManager manager,
      AdamW adam,
      List<LoraBinding> bindings,
      Function<String, NDArray> parameter,
      RankSettings settings,
      int rank,
      long seed) {
    this.adam = adam;
    this.settings = settings;
    this.rank = rank;
    this.pairs = Pair.of(bindings, parameter);
    this.curvature =
        new Curvature(
            manager, settings.curved() ? pairs : List.of(), settings.memory(), settings.damping());
    this.score = settings.score().of(manager, pairs, curvature, seed);
    for (var pair : pairs) {
      var all = new BitSet();
      all.set(0, pair.rank());
      kept.add(all);
    }
  }

  /** Whether the final rank is reached. */
  public boolean done() {
    return left() == rank * pairs.size();
  }

  private int left() {
    return kept.stream().mapToInt(BitSet::cardinality).sum();
  }

  /** The removal events so far. */
  public List<RankEvent> events() {
    return List.copyOf(events);
  }

  /** Remaining indices of each pair's rank, by the name of its A. */
  public Map<String, BitSet> kept() {
    var named = new LinkedHashMap<String, BitSet>();
    for (int i = 0; i < pairs.size(); i++) {
      named.put(pairs.get(i).binding().a(), (BitSet) kept.get(i).clone());
    }
    return named;
  }

  @Override
  public Map<String, NDArray> weights() {
    return adam.weights();
  }

  @Override
  public void prepareGradients() {
    if (done()) {
      return;
    }
    curvature.observe();
    score.observe();
    if (steps > 0 && steps % settings.every() == 0) {
      prune();
    }
  }

  private void prune() {
    var before = kept.stream().map(left -> left.stream().toArray()).toList();
    var scores = new ArrayList<double[]>();
    for (int i = 0; i < pairs.size(); i++) {
      scores.add(score.of(i, before.get(i)));
      if (score.turns()) {
        adam.restart(pairs.get(i).binding().a());
        adam.restart(pairs.get(i).binding().b());
      }
    }
    var leaving = settings.allocation().choose(scores, settings.components(), rank);
    int removed = 0;
    for (int i = 0; i < pairs.size(); i++) {
      if (leaving.get(i).length > 0) {
        remove(i, before.get(i), leaving.get(i));
        removed += leaving.get(i).length;
      }
    }
    events.add(new RankEvent(steps, removed, left()));
  }

  private void remove(int place, int[] before, int[] leaving) {
    switch (settings.compensated()) {
      case B -> curvature.compensateB(place, before, leaving);
      case BOTH -> {
        curvature.compensateB(place, before, leaving);
        curvature.compensateA(place, before, leaving);
      }
      default -> {}
    }
    var gone = IntStream.of(leaving).map(j -> before[j]).toArray();
    var pair = pairs.get(place);
    try (var scope = pair.a().getManager().newSubManager()) {
      for (var array : List.of(pair.a(), pair.gradientOfA(scope))) {
        RankKernels.drop(array, gone, Side.A);
      }
      for (var array : List.of(pair.b(), pair.gradientOfB(scope))) {
        RankKernels.drop(array, gone, Side.B);
      }
      IntStream.of(gone).forEach(kept.get(place)::clear);
      var stays = HostArrays.send(scope, floats(kept.get(place), pair.rank())); // (r)
      adam.restart(pair.binding().a(), stays.reshape(pair.rank(), 1)); // rows
      adam.restart(pair.binding().b(), stays.reshape(1, pair.rank())); // columns
    }
  }

  private static float[] floats(BitSet set, int size) {
    var floats = new float[size];
    set.stream().forEach(j -> floats[j] = 1);
    return floats;
  }

  @Override
  public void step(double learningRate) {
    adam.step(learningRate);
    steps++;
  }

  @Override
  public Map<String, NDArray> arrays() {
    var arrays = new LinkedHashMap<>(adam.arrays());
    arrays.putAll(curvature.arrays());
    arrays.putAll(score.arrays());
    return arrays;
  }

  @Override
  public ObjectNode values() {
    var json = JsonNodeFactory.instance.objectNode().put("steps", steps);
    var left = json.putObject("kept");
    kept().forEach((name, set) -> set.stream().forEach(left.putArray(name)::add));
    var went = json.putArray("events");
    events.forEach(event -> went.add(event.toJson()));
    return json;
  }

  @Override
  public void restore(ObjectNode values) {
    steps = values.path("steps").asLong();
    for (int i = 0; i < pairs.size(); i++) {
      var set = kept.get(i);
      set.clear();
      values.path("kept").path(pairs.get(i).binding().a()).forEach(j -> set.set(j.asInt()));
    }
    events.clear();
    values.path("events").forEach(event -> events.add(RankEvent.fromJson(event)));
  }
}
