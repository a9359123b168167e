package io.lorashear.plan;

import io.lorashear.graph.ModelGraph;
import io.lorashear.settings.Settings;
import io.lorashear.train.TrainSettings;
import java.util.List;
import java.util.Set;

/**
 * Weights whose gradients are taken.
 *
 * @param weights their names; none where a stage only scores
 * @param update what becomes of them
 * @param train rows of a step, and how it is computed
 * @param steps of training
 */
public record Learning(Set<String> weights, Update update, TrainSettings train, long steps) {

  /** What becomes of weights whose gradients are taken. */
  public enum Update {
    /** There are none. */
    NONE,
    /** They are added up and looked at once. */
    MEASURED,
    /** Masks that learn are written into them, and the dense ones kept beside. */
    MASKS,
    /** AdamW changes them, which are pairs beside frozen weights. */
    PAIRS,
    /** AdamW changes them, which are all there are and were drawn here. */
    EVERYTHING
  }

  /** Nothing learns. */
  static Learning none() {
    return new Learning(
        Set.of(), Update.NONE, Settings.defaults(TrainSettings.class, List.of()), 0);
  }

  /** Whether gradients are taken. */
  boolean trains() {
    return update != Update.NONE;
  }

  /** Whether weights change by them. */
  boolean updates() {
    return update == Update.PAIRS || update == Update.EVERYTHING;
  }

  /** Whether values are computed again for the gradients, which only training does. */
  boolean recomputes() {
    return (updates() || update == Update.MASKS) && train.recompute();
  }

  /** Rows that go forward and back. */
  long rows() {
    return steps * (update == Update.MEASURED ? 1 : train.accumulate()) * train.rows();
  }

  /** Numbers that learn, of {@code graph}'s. */
  double elements(ModelGraph graph) {
    return weights.stream().mapToDouble(name -> graph.parameter(name).elements()).sum();
  }
}
