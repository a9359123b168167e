package io.lorashear.torch.compile;

import io.lorashear.graph.ModelGraph;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The number formats a model computes in.
 *
 * <pre>
 *   float32    everything
 *   tf32       the same, but a GPU rounds the factors of matrix products to 10 mantissa bits
 *   bfloat16   frozen weights, activations and their gradients; trainable weights, their gradients
 *              and moments, norms, softmaxes, routing weights and losses stay in float32; logits
 *              are a product in bfloat16, widened before the softmax of the loss
 * </pre>
 *
 * Mixed Precision Training (arXiv 1710.03740) with bfloat16, which needs no loss scaling.
 */
public enum Precision {
  FLOAT32,
  TF32,
  BFLOAT16;

  /** Bytes per number of an activation. */
  public int bytes() {
    return narrow() ? 2 : 4;
  }

  /** Whether activations are narrower than float32. */
  public boolean narrow() {
    return this == BFLOAT16;
  }

  /** Names of the weights that are used in float32 at every precision: those of norms. */
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
