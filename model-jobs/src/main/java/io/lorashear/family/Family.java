package io.lorashear.family;

import io.lorashear.InputException;
import io.lorashear.graph.ModelGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One kind of model: it knows how to write its forward pass, nothing else. */
public interface Family {

  /** Records the forward pass of a model of this configuration. */
  ModelGraph trace(ModelConfig config);

  /** What its config.json may say. */
  Fields fields();

  /**
   * The configuration of the same model when its axes have {@code sizes}, by axis name. Axes have
   * the same names in all families: {@code layers.3.attention.kvHeads}, {@code
   * layers.3.attention.group}, {@code layers.3.mlp.channels}, {@code hidden}.
   */
  default ModelConfig resized(ModelConfig config, Map<String, Integer> sizes) {
    var widths = new ArrayList<LayerWidths>();
    for (int layer = 0; layer < config.layers().size(); layer++) {
      var now = config.layers().get(layer);
      var place = "layers." + layer + ".";
      int keys = sizes.getOrDefault(place + "attention.kvHeads", now.keyValueHeads());
      int group =
          sizes.getOrDefault(place + "attention.group", now.queryHeads() / now.keyValueHeads());
      int channels = sizes.getOrDefault(place + "mlp.channels", now.channels());
      widths.add(new LayerWidths(keys * group, keys, channels));
    }
    var resized = config.withLayers(widths);
    if (sizes.containsKey("hidden")) {
      double shrunk = (double) config.hiddenSize() / sizes.get("hidden"); // N/N′, as the norms' ε
      resized.fields().put("hidden_size", sizes.get("hidden"));
      resized.fields().put("rms_norm_eps", config.number("rms_norm_eps") * shrunk);
    }
    return resized;
  }

  /** The family that {@code config} names. */
  static Family of(ModelConfig config) {
    var family = Families.KNOWN.get(config.modelType());
    if (family == null) {
      throw new InputException(
          "%s: model_type is %s: known are %s",
          config.where(), config.modelType(), String.join(", ", names()));
    }
    return family;
  }

  /** The model types that are known, in alphabetical order. */
  static List<String> names() {
    return List.copyOf(Families.KNOWN.keySet());
  }
}
