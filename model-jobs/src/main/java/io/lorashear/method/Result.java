package io.lorashear.method;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.WidthPlan;

/** An outcome with something to close. */
record Result(WidthPlan plan, TensorSource tensors, ObjectNode report, Runnable closing)
    implements PruningMethod.Outcome {
  @Override
  public void close() {
    closing.run();
  }
}
