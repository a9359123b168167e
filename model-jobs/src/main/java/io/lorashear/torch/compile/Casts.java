package io.lorashear.torch.compile;

import io.lorashear.torch.script.Aten;
import io.lorashear.torch.script.Expression;

/**
 * Casts between the precision a model computes in and float32; no copy is made where they are the
 * same.
 *
 * @param precision the precision the model computes in
 */
public record Casts(Precision precision) {

  /** An activation as an operand of a float32 computation. */
  public Expression wide(Expression x) {
    return narrows() ? Aten.to(x, Aten.FLOAT32) : x;
  }

  /** A result computed in float32 as an activation. */
  public Expression narrow(Expression x) {
    return narrows() ? Aten.to(x, Aten.BFLOAT16) : x;
  }

  /** A weight in the type of activations, on {@code device}. */
  public Expression weight(Expression w, Expression device) {
    return narrows() ? Aten.to(w, device, Aten.BFLOAT16) : w;
  }

  /** A weight that is used in float32, on {@code device}. */
  public Expression wideWeight(Expression w, Expression device) {
    return narrows() ? Aten.to(w, device, Aten.FLOAT32) : w;
  }

  private boolean narrows() {
    return precision.narrow();
  }
}
