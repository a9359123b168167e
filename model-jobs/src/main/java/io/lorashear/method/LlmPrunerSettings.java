package io.lorashear.method;

import io.lorashear.saliency.ElementScore;
import io.lorashear.settings.Default;

/**
 * What LLM-Pruner ranks groups by, and what a group is.
 *
 * @param score weight, vector, element1, element2 or mix
 * @param by what is pruned as one group
 */
public record LlmPrunerSettings(@Default("element1") ElementScore score, @Default("block") By by) {

  /** What is pruned as one group. */
  public enum By {
    /** A head or a channel inside one layer. */
    BLOCK,
    /** A channel of the residual stream, in all layers, the embedding and the output head. */
    CHANNEL
  }
}
