package io.lorashear.plan;

import io.lorashear.graph.ModelGraph;
import io.lorashear.settings.Settings;
import io.lorashear.train.TrainSettings;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Weights whose gradients are computed.
 *
 * @param weights their names; none where a stage only scores
 * @param update what is done with these weights
 * @param train rows per step, and how a step is computed
 * @param steps number of training steps
 * @param averaged whether their average is kept beside them
 */
public record Learning(
    Set<String> weights, Update update, TrainSettings train, long steps, boolean averaged) {

  /** What is done with weights whose gradients are computed. */
  public enum Update {
    /** There are no such weights. */
    NONE,
    /** The gradients are accumulated and read once; the weights stay. */
    MEASURED,
    /** Trainable masks are applied to the weights in place; dense copies of them are kept. */
    MASKS,
    /**
     * AdamW updates them; they are LoRA pairs, and maybe norms and factors, beside frozen weights.
     */
    PAIRS,
    /** AdamW updates them; they are weights of the model itself. */
    WHOLE,
    /** AdamW updates them; they are all weights of the model, initialised at random. */
    EVERYTHING
  }

  /** Weights that are not averaged. */
  public Learning(Set<String> weights, Update update, TrainSettings train, long steps) {
    this(weights, update, train, steps, false);
  }

  /** The same weights and more. */
  Learning and(Set<String> more, boolean averages) {
    var all = new HashSet<>(weights);
    all.addAll(more);
    return new Learning(all, update, train, steps, averages);
  }

  /** The same with other training settings. */
  Learning with(TrainSettings other) {
    return new Learning(weights, update, other, steps, averaged);
  }

  /** No weight is trained. */
  static Learning none() {
    var train = Settings.defaults(TrainSettings.class, List.of("originals=host"));
    return new Learning(Set.of(), Update.NONE, train, 0);
  }

  /** Whether gradients are computed. */
  boolean trains() {
    return update != Update.NONE;
  }

  /** Whether an optimizer updates the weights. */
  boolean updates() {
    return switch (update) {
      case PAIRS, WHOLE, EVERYTHING -> true;
      case NONE, MEASURED, MASKS -> false;
    };
  }

  /** Whether values are recomputed in the backward pass, which only training does. */
  boolean recomputes() {
    return (updates() || update == Update.MASKS) && train.recompute();
  }

  /** Number of rows that go through a forward and a backward pass. */
  long rows() {
    return steps * (update == Update.MEASURED ? 1 : train.accumulate()) * train.rows();
  }

  /** Number of trained parameters of {@code graph}. */
  double elements(ModelGraph graph) {
    return weights.stream().mapToDouble(name -> graph.parameter(name).elements()).sum();
  }
}
