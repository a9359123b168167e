package io.lorashear.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.torch.kernel.Arithmetic;
import io.lorashear.torch.kernel.Kernels;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * AdamW (arXiv 1711.05101), with one step count per row so that single rows can be restarted.
 *
 * <pre>
 *   n ← n + 1                                  one count per row
 *   w ← w − η·δ·w
 *   m ← β₁m + (1 − β₁)g          v ← β₂v + (1 − β₂)g²
 *   w ← w − η · (m / (1 − β₁ⁿ)) / (√(v / (1 − β₂ⁿ)) + ε)
 * </pre>
 *
 * Vectors can have a rate of their own, r·η, and then do not decay: norms begin at one, not at
 * zero.
 *
 * <p>If the moments of a row were cleared but not its count, its next step would be (1 − β₁)/√(1 −
 * β₂) = 3.2 learning rates long; with the count at zero it is one learning rate long.
 */
public final class AdamW implements Optimizer {
  private record Moments(NDArray first, NDArray second, NDArray counts) {}

  private final Map<String, NDArray> weights;
  private final AdamSettings settings;
  private final Set<String> vectors;
  private final double vectorRate;
  private final Map<String, Moments> moments = new LinkedHashMap<>();

  /** State for {@code weights} (rows, …), kept in {@code manager}. */
  public AdamW(NDManager manager, Map<String, NDArray> weights, AdamSettings settings) {
    this(manager, weights, settings, Set.of(), 1);
  }

  /**
   * The same.
   *
   * @param vectors names of the weights that do not decay
   * @param vectorRate r, factor of their learning rate
   */
  public AdamW(
      NDManager manager,
      Map<String, NDArray> weights,
      AdamSettings settings,
      Set<String> vectors,
      double vectorRate) {
    if (settings.beta2HalfLife() > 0) {
      throw new IllegalArgumentException("beta2 depends on a step's tokens: ask AdamSettings.at");
    }
    this.weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    this.settings = settings;
    this.vectors = Set.copyOf(vectors);
    this.vectorRate = vectorRate;
    weights.forEach((name, weight) -> moments.put(name, fresh(manager, weight.getShape())));
  }

  private static Moments fresh(NDManager manager, Shape shape) {
    var column = new long[shape.dimension()];
    for (int i = 0; i < column.length; i++) {
      column[i] = i == 0 ? shape.get(0) : 1;
    }
    return new Moments(
        manager.zeros(shape, DataType.FLOAT32),
        manager.zeros(shape, DataType.FLOAT32),
        manager.zeros(new Shape(column), DataType.FLOAT32));
  }

  @Override
  public Map<String, NDArray> weights() {
    return weights;
  }

  @Override
  public void step(double learningRate) {
    step(name -> !vectors.contains(name), learningRate, settings.decay());
    step(vectors::contains, vectorRate * learningRate, 0);
  }

  private void step(Predicate<String> chosen, double rate, double decay) {
    var names = weights.keySet().stream().filter(chosen).toList();
    if (names.isEmpty()) {
      return;
    }
    Kernels.adamW(
        names.stream().map(weights::get).toList(),
        all(names, Moments::first),
        all(names, Moments::second),
        all(names, Moments::counts),
        rate,
        settings.beta1(),
        settings.beta2(),
        settings.epsilon(),
        decay);
  }

  private List<NDArray> all(List<String> names, Function<Moments, NDArray> part) {
    return names.stream().map(name -> part.apply(moments(name))).toList();
  }

  /**
   * Clears the moments of weight {@code name} where {@code keep}, (rows, 1) or (1, columns), is 0,
   * not 1; for rows also the step counts.
   */
  public void restart(String name, NDArray keep) {
    var state = moments(name);
    state.first.muli(keep);
    state.second.muli(keep);
    if (keep.getShape().equals(state.counts.getShape())) {
      state.counts.muli(keep);
    }
  }

  /** Clears moments and counts of the whole of weight {@code name}. */
  public void restart(String name) {
    var state = moments(name);
    Arithmetic.clear(List.of(state.first, state.second, state.counts));
  }

  private Moments moments(String name) {
    return Objects.requireNonNull(moments.get(name), () -> name + " is not optimised here");
  }

  @Override
  public Map<String, NDArray> arrays() {
    var arrays = new LinkedHashMap<>(weights);
    moments.forEach(
        (name, state) -> {
          arrays.put("adam.first." + name, state.first);
          arrays.put("adam.second." + name, state.second);
          arrays.put("adam.counts." + name, state.counts);
        });
    return arrays;
  }

  @Override
  public ObjectNode values() {
    return JsonNodeFactory.instance.objectNode();
  }

  @Override
  public void restore(ObjectNode values) {}
}
