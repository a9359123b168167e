package io.lorashear.method;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.allocate.WidthAllocation;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.WidthPlan;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import java.util.Optional;

/** An outcome of a task, with a resource to close. */
record Result(
    PruningMethod.Task task,
    WidthPlan plan,
    TensorSource tensors,
    ObjectNode report,
    Optional<WidthAllocation> allocation,
    Runnable closing)
    implements PruningMethod.Outcome {

  /** The outcome of a method that allocates no widths. */
  Result(
      PruningMethod.Task task,
      WidthPlan plan,
      TensorSource tensors,
      ObjectNode report,
      Runnable closing) {
    this(task, plan, tensors, report, Optional.empty(), closing);
  }

  @Override
  public ModelConfig config() {
    return task.config();
  }

  @Override
  public ModelGraph graph() {
    return task.graph();
  }

  @Override
  public void close() {
    closing.run();
  }
}
