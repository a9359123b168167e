package io.lorashear.graph;

import java.util.List;

/**
 * One operator of a graph, with its inputs and its output.
 *
 * @param block label of the repeated block it belongs to ("layers.3"), or empty
 * @param scope its full scope ("layers.3.attention"), or empty
 */
public record Node(
    Operator operator, List<Value> inputs, Value output, String block, String scope) {

  /** Its only or first input. */
  public Value input() {
    return inputs.get(0);
  }

  /** Inputs that the output has a gradient for: all but routes that only choose rows. */
  public List<Value> slopedInputs() {
    return switch (operator.kind()) {
      case DISPATCH -> List.of(input());
      case EMBEDDING,
          POSITION_EMBEDDING,
          LINEAR,
          MASKED_LINEAR,
          ADD,
          MULTIPLY,
          SCALE,
          ROOT_SCALE,
          ROUTE,
          COLLECT,
          ACTIVATE,
          RMS_NORM,
          LAYER_NORM,
          SPLIT_HEADS,
          MERGE_HEADS,
          ROTARY,
          ATTENTION,
          PART ->
          inputs;
    };
  }
}
