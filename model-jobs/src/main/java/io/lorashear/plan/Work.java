package io.lorashear.plan;

import io.lorashear.graph.LinearProducts;
import io.lorashear.graph.ModelGraph;
import io.lorashear.torch.compile.Precision;
import io.lorashear.train.TrainSettings;
import java.util.Set;

/**
 * What a stage does with a model, as far as memory and time go.
 *
 * @param graph the model's, with pairs beside its linears where they are trained
 * @param length tokens of a row
 * @param learning what is trained
 * @param forward what goes forward without gradients
 * @param pruning what is done to the rest of the weights
 * @param process what else is in the memory that is asked for
 */
public record Work(
    ModelGraph graph,
    int length,
    Learning learning,
    Forward forward,
    Pruning pruning,
    ProcessMemory process) {

  /** The numbers it is computed in: on a device, or in a process on a CPU. */
  Precision precision() {
    return learning.train().precision().on(process.files().isEmpty());
  }

  /** Tokens that go forward and back. */
  long tokens() {
    return learning.rows() * length;
  }

  /** The same work with other training settings. */
  Work with(TrainSettings train) {
    var other = new Learning(learning.weights(), learning.update(), train, learning.steps());
    return new Work(graph, length, other, forward, pruning, process);
  }

  /** The same with something else done to weights that do not learn. */
  Work with(Pruning other) {
    return new Work(graph, length, learning, forward, other, process);
  }

  /**
   * Bytes of a saved state: what learns with its two moments, the pairs of every fold and the rows
   * on their way; matrices that are refitted, and by how much, are in it whole. Two are kept, and a
   * third is there while it is written.
   */
  public double stateBytes() {
    if (!learning.updates()) {
      return 0;
    }
    double refitted = pruning.refits() ? 2 * MemoryPlan.refittedElements(this) : 0;
    var own = pruning.progressive();
    return 4 * ((3 + own.folds()) * learning.elements(graph) + own.rows() + refitted);
  }

  /** Floating-point operations of all matrix products that are known beforehand. */
  public double operations() {
    double predicted = (length - 1.0) / length;
    var frozen = LinearProducts.of(graph, Set.of());
    double forwardOnly = frozen.operations(1, predicted);
    double step = LinearProducts.of(graph, learning.weights()).operations(1, predicted);
    double again = learning.recomputes() ? frozen.operations(1, 0) : 0;
    long looked = forward.looking().tokens();
    return (learning.trains() ? tokens() * (step + again) : 0)
        + forward.scored().orElse(0) * forwardOnly
        + (looked > 0 ? looked * frozen.operations(1, 0) : 0);
  }
}
