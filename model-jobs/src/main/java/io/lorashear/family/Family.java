package io.lorashear.family;

import io.lorashear.InputException;
import io.lorashear.graph.ModelGraph;
import java.util.Map;
import java.util.TreeMap;

/** One kind of model: it knows how to write its forward pass, nothing else. */
public interface Family {

  /** Records the forward pass of a model of this configuration. */
  ModelGraph trace(ModelConfig config);

  /** The configuration of the same model when its axes have {@code sizes}, by axis name. */
  ModelConfig resized(ModelConfig config, Map<String, Integer> sizes);

  /** The family that {@code config} names. */
  static Family of(ModelConfig config) {
    var known = new TreeMap<String, Family>(Map.of("llama", new Llama()));
    var family = known.get(config.modelType());
    if (family == null) {
      throw new InputException(
          "%s: model_type is %s: known are %s",
          config.where(), config.modelType(), String.join(", ", known.keySet()));
    }
    return family;
  }
}
