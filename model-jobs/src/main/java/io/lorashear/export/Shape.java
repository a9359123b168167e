package io.lorashear.export;

import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import java.util.List;
import java.util.Locale;

/**
 * Classes of layer widths, which determine the programs that load a model; if several apply, the
 * last one in this order counts.
 */
public enum Shape {
  /** All layers have the same widths; a head has hidden size / heads channels. */
  PLAIN,
  /** All layers have the same widths; heads have another size. */
  HEADS,
  /** All layers have the same heads; MLPs have any widths. */
  FREE_MLP,
  /** Heads also differ by layer. */
  FREE,
  /** A layer lacks attention or MLP. */
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

  /** Its name in tables: FREE_MLP is {@code free-mlp}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
