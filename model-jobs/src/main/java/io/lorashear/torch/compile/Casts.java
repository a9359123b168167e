package io.lorashear.torch.compile;

import io.lorashear.torch.script.Aten;
import io.lorashear.torch.script.Expression;

/**
 * Between the numbers a model computes in and float32; nothing is copied where they are the same.
 *
 * @param precision what the model computes in
 */
public record Casts(Precision precision) {

  /** An activation for what is computed in float32. */
  public Expression wide(Expression x) {
    return narrows() ? Aten.to(x, Aten.FLOAT32) : x;
  }

  /** What was computed in float32 as an activation. */
  public Expression narrow(Expression x) {
    return narrows() ? Aten.to(x, Aten.BFLOAT16) : x;
  }

  /** A weight as the operands beside it, on {@code device}. */
  public Expression weight(Expression w, Expression device) {
    return narrows() ? Aten.to(w, device, Aten.BFLOAT16) : w;
  }

  /** A weight that is computed with in float32, on {@code device}. */
  public Expression wideWeight(Expression w, Expression device) {
    return narrows() ? Aten.to(w, device, Aten.FLOAT32) : w;
  }

  private boolean narrows() {
    return precision.narrow();
  }
}
