package io.lorashear.export;

import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import java.util.List;
import java.util.Locale;

/** What of a model's widths decides who loads it; of several, the last in this order. */
public enum Shape {
  /** The same in all layers, and a head has hidden size over heads numbers. */
  PLAIN,
  /** The same in all layers, but heads have a size of their own. */
  HEADS,
  /** The same heads in all layers, MLPs of any widths. */
  FREE_MLP,
  /** Heads differ by layer too. */
  FREE,
  /** A layer has no attention, or no MLP. */
  SKIP;

  /** The shape of a model. */
  public static Shape of(ModelConfig config) {
    var layers = config.layers();
    if (layers.stream().anyMatch(Shape::lacks)) {
      return SKIP;
    }
    if (!config.uniform()) {
      return layers.stream().map(Shape::heads).distinct().count() > 1 ? FREE : FREE_MLP;
    }
    int heads = layers.get(0).queryHeads();
    return heads * config.headDimension() == config.hiddenSize() ? PLAIN : HEADS;
  }

  private static boolean lacks(LayerWidths layer) {
    return layer.queryHeads() == 0 || layer.mlps().stream().allMatch(width -> width == 0);
  }

  private static List<Integer> heads(LayerWidths layer) {
    return List.of(layer.queryHeads(), layer.keyValueHeads());
  }

  /** As tables have it: FREE_MLP is {@code free-mlp}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
