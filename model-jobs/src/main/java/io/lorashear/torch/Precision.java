package io.lorashear.torch;

import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.LayerNorm;
import io.lorashear.graph.Operator.RmsNorm;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The numbers a model computes in.
 *
 * <pre>
 *   float32    everything
 *   bfloat16   weights that do not learn, activations and their gradients; in float32 stay weights
 *              that learn, their gradients and moments, norms, softmaxes, routes and losses; logits
 *              are a product in bfloat16, widened before the softmax of the loss
 * </pre>
 *
 * Mixed Precision Training (arXiv 1710.03740) with bfloat16, which needs no scaling of the loss.
 */
public enum Precision {
  FLOAT32,
  BFLOAT16;

  /** Bytes of an activation. */
  public int bytes() {
    return this == BFLOAT16 ? 2 : 4;
  }

  /** Weights that are computed with in float32 whatever the precision: those of norms. */
  public static Set<String> alwaysWide(ModelGraph graph) {
    var names = new HashSet<String>();
    for (var node : graph.nodes()) {
      if (node.operator() instanceof RmsNorm || node.operator() instanceof LayerNorm) {
        names.addAll(node.operator().parameters());
      }
    }
    return names;
  }

  // As TorchScript, by PyTorch's numbers of types: 6 is float32, 15 bfloat16. Nothing is copied
  // where the type is the same.

  /** An activation for what is computed in float32. */
  String wide(String x) {
    return this == BFLOAT16 ? "torch.to(" + x + ", 6)" : x;
  }

  /** What was computed in float32 as an activation. */
  String narrow(String x) {
    return this == BFLOAT16 ? "torch.to(" + x + ", 15)" : x;
  }

  /** A weight as the operands beside it, on {@code device}. */
  String weight(String w, String device) {
    return this == BFLOAT16 ? "torch.to(" + w + ", " + device + ", 15)" : w;
  }

  /** A weight that is computed with in float32, on {@code device}. */
  String wideWeight(String w, String device) {
    return this == BFLOAT16 ? "torch.to(" + w + ", " + device + ", 6)" : w;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
