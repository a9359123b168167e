package io.lorashear.bench;

import io.lorashear.graph.LinearProducts;
import io.lorashear.graph.ModelGraph;
import io.lorashear.train.TrainSettings;
import java.util.Set;

/**
 * What a stage does with a model, as far as memory and time go.
 *
 * @param graph the model's, with pairs beside its linears where they are trained
 * @param learning names of the weights that learn; empty where the stage only scores
 * @param train rows of a step, and how it is computed
 * @param length tokens of a row
 * @param steps of training
 * @param scored tokens that go through forward alone
 * @param gradientScores whether gradients of the frozen weights are measured once
 * @param fileBytes size of the files that weights are read from by this process; 0 where a config
 *     alone is known, and what is asked is a device's memory
 * @param fetched share of one axis that is copied while it shrinks or is put back; 0: nothing
 */
public record Work(
    ModelGraph graph,
    Set<String> learning,
    TrainSettings train,
    int length,
    long steps,
    long scored,
    boolean gradientScores,
    long fileBytes,
    double fetched) {

  /** Whether anything is trained. */
  boolean trains() {
    return !learning.isEmpty();
  }

  /** Tokens trained on. */
  long tokens() {
    return steps * train.accumulate() * train.rows() * length;
  }

  /** The same work with other training settings. */
  Work with(TrainSettings other) {
    return new Work(
        graph, learning, other, length, steps, scored, gradientScores, fileBytes, fetched);
  }

  /** The same without gradients of frozen weights. */
  Work withoutGradientScores() {
    return new Work(graph, learning, train, length, steps, scored, false, fileBytes, fetched);
  }

  /** Floating-point operations of all matrix products. */
  public double operations() {
    double predicted = (length - 1.0) / length;
    double forward = LinearProducts.of(graph, Set.of()).operations(1, predicted);
    double step = LinearProducts.of(graph, learning).operations(1, predicted);
    double again = train.recompute() ? LinearProducts.of(graph, Set.of()).operations(1, 0) : 0;
    return (trains() ? tokens() * (step + again) : 0) + scored * forward;
  }
}
