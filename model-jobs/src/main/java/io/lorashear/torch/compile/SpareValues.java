package io.lorashear.torch.compile;

import io.lorashear.graph.Node;
import io.lorashear.graph.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Values whose memory may be overwritten by the one operator that reads them:
 *
 * <pre>
 *   g ── silu ── a ── × ── m ── linear        a may overwrite g, and m may overwrite a
 *   u ────────────────┘
 * </pre>
 *
 * They have their own memory, are read once and are not outputs. Only passes without gradients use
 * them, because a backward pass may still read any value.
 */
final class SpareValues {
  private SpareValues() {}

  /** The spare values of {@code nodes}, whose outputs are {@code outputs}. */
  static Set<Value> of(List<Node> nodes, List<Value> outputs) {
    Map<Value, Integer> reads = new HashMap<>();
    nodes.forEach(node -> node.inputs().forEach(x -> reads.merge(x, 1, Integer::sum)));
    return nodes.stream()
        .filter(SpareValues::isNew)
        .map(Node::output)
        .filter(y -> reads.getOrDefault(y, 0) == 1 && !outputs.contains(y))
        .collect(Collectors.toSet());
  }

  /** Whether a node's output always has its own memory and is worth overwriting. */
  private static boolean isNew(Node node) {
    return switch (node.operator().kind()) {
      case LINEAR, MASKED_LINEAR, ADD, MULTIPLY, ACTIVATE, RMS_NORM -> true;
      case EMBEDDING,
          POSITION_EMBEDDING,
          SCALE,
          ROOT_SCALE,
          ROUTE,
          DISPATCH,
          COLLECT,
          LAYER_NORM,
          SPLIT_HEADS,
          MERGE_HEADS,
          ROTARY,
          ATTENTION,
          PART ->
          false;
    };
  }
}
