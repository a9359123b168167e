package io.lorashear.torch.compile;

import io.lorashear.graph.ModelGraph;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The numbers a model computes in.
 *
 * <pre>
 *   float32    everything
 *   tf32       the same, but for products on a GPU, whose factors are rounded to 10 bits first
 *   bfloat16   weights that do not learn, activations and their gradients; in float32 stay weights
 *              that learn, their gradients and moments, norms, softmaxes, routes and losses; logits
 *              are a product in bfloat16, widened before the softmax of the loss
 * </pre>
 *
 * Mixed Precision Training (arXiv 1710.03740) with bfloat16, which needs no scaling of the loss.
 */
public enum Precision {
  FLOAT32,
  TF32,
  BFLOAT16;

  /** Bytes of an activation. */
  public int bytes() {
    return narrow() ? 2 : 4;
  }

  /** Whether activations are narrower than the float32 weights they come from. */
  public boolean narrow() {
    return this == BFLOAT16;
  }

  /** Weights that are computed with in float32 whatever the precision: those of norms. */
  public static Set<String> alwaysWide(ModelGraph graph) {
    var names = new HashSet<String>();
    for (var node : graph.nodes()) {
      names.addAll(
          switch (node.operator().kind()) {
            case RMS_NORM, LAYER_NORM -> node.operator().parameters();
            case EMBEDDING,
                POSITION_EMBEDDING,
                LINEAR,
                MASKED_LINEAR,
                ADD,
                MULTIPLY,
                SCALE,
                ROOT_SCALE,
                ROUTE,
                DISPATCH,
                COLLECT,
                ACTIVATE,
                SPLIT_HEADS,
                MERGE_HEADS,
                ROTARY,
                ATTENTION,
                PART ->
                List.<String>of();
          });
    }
    return names;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
