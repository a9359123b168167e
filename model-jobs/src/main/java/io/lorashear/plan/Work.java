package io.lorashear.plan;

import io.lorashear.graph.LinearProducts;
import io.lorashear.graph.ModelGraph;
import io.lorashear.torch.Originals;
import io.lorashear.torch.compile.Chunk;
import io.lorashear.torch.compile.Precision;
import io.lorashear.train.TrainSettings;
import java.util.Set;

/**
 * What a stage does with a model, as far as it affects memory and time.
 *
 * @param graph the model's graph, with LoRA pairs if they are trained
 * @param length tokens per row
 * @param learning what is trained
 * @param forward passes without gradients
 * @param pruning what is done to frozen weights
 * @param process what else is in the memory that is planned
 */
public record Work(
    ModelGraph graph,
    int length,
    Learning learning,
    Forward forward,
    Pruning pruning,
    ProcessMemory process) {

  /** The precision it computes in: on a device, or in a process on a CPU. */
  Precision precision() {
    return learning.train().precision().on(process.files().isEmpty());
  }

  /** Whether float32 weights are on the host and not on the device. */
  boolean apart() {
    boolean device = process.files().isEmpty();
    return device && precision().narrow() && learning.train().originals() != Originals.DEVICE;
  }

  /**
   * The same on a device with {@code memory} bytes, which decides where the float32 weights lie.
   * Until it is known, they lie on the host.
   */
  Work on(long memory) {
    var train = learning.train();
    var place = train.originals().of(graph.parameterCount(), memory);
    return with(train.with(TrainSettings::originals).as(place));
  }

  /** How much of it is in memory at a time. */
  Chunk chunk() {
    return Chunk.of(process.files().isEmpty());
  }

  /** Tokens that go forward and back. */
  long tokens() {
    return learning.rows() * length;
  }

  /** The same work with other training settings. */
  Work with(TrainSettings train) {
    return new Work(graph, length, learning.with(train), forward, pruning, process);
  }

  /** The same with {@code more} weights that learn, and with their average or without. */
  Work learning(Set<String> more, boolean averages) {
    return new Work(graph, length, learning.and(more, averages), forward, pruning, process);
  }

  /** The same with something else done to frozen weights. */
  Work with(Pruning other) {
    return new Work(graph, length, learning, forward, other, process);
  }

  /** The same with other forward passes. */
  Work with(Forward other) {
    return new Work(graph, length, learning, other, pruning, process);
  }

  /**
   * Bytes of a saved state: trained weights with their two moments and their average, the pairs of
   * every fold and the shrinking rows; matrices that are refitted, and their updates, are saved
   * whole. Two states are kept, and a third exists while it is written.
   */
  public double stateBytes() {
    if (!learning.updates()) {
      return 0;
    }
    double refitted = pruning.refits() ? 2 * MemoryPlan.refittedElements(this) : 0;
    var own = pruning.progressive();
    int arrays = learning.averaged() ? 4 : 3;
    return 4 * ((arrays + own.folds()) * learning.elements(graph) + own.rows() + refitted);
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
