package io.lorashear.method;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.WidthPlan;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;

/** An outcome of a task, with a resource to close. */
record Result(
    PruningMethod.Task task,
    WidthPlan plan,
    TensorSource tensors,
    ObjectNode report,
    Runnable closing)
    implements PruningMethod.Outcome {

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
