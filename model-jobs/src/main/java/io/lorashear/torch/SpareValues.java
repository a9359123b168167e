package io.lorashear.torch;

import io.lorashear.graph.Node;
import io.lorashear.graph.Operator;
import io.lorashear.graph.Operator.Activate;
import io.lorashear.graph.Operator.Add;
import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Operator.Multiply;
import io.lorashear.graph.Operator.RmsNorm;
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
        .filter(node -> isNew(node.operator()))
        .map(Node::output)
        .filter(y -> reads.getOrDefault(y, 0) == 1 && !outputs.contains(y))
        .collect(Collectors.toSet());
  }

  /** Whether what an operator gives is never a view of what it reads. */
  private static boolean isNew(Operator operator) {
    return operator instanceof Linear
        || operator instanceof Add
        || operator instanceof Multiply
        || operator instanceof Activate
        || operator instanceof RmsNorm;
  }
}
