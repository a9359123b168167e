package io.lorashear.torch.compile;

import io.lorashear.graph.Node;
import io.lorashear.graph.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Values in whose memory the one operator that reads them may write:
 *
 * <pre>
 *   g ── silu ── a ── × ── m ── linear        a may lie where g lay, m where a lay
 *   u ────────────────┘
 * </pre>
 *
 * They have memory of their own, are read once, and not given out. Nothing that a gradient reads is
 * spare: only passes without gradients use them.
 */
final class SpareValues {
  private SpareValues() {}

  /** Of {@code nodes}, which give {@code outputs} out. */
  static Set<Value> of(List<Node> nodes, List<Value> outputs) {
    Map<Value, Integer> reads = new HashMap<>();
    nodes.forEach(node -> node.inputs().forEach(x -> reads.merge(x, 1, Integer::sum)));
    return nodes.stream()
        .filter(SpareValues::isNew)
        .map(Node::output)
        .filter(y -> reads.getOrDefault(y, 0) == 1 && !outputs.contains(y))
        .collect(Collectors.toSet());
  }

  /** Whether what a node gives surely has memory of its own, and is worth to be written over. */
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
