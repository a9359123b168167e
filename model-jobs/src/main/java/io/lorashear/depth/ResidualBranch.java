package io.lorashear.depth;

import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Remains;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Value;
import io.lorashear.graph.Widths;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The removed parts, as seen by the residual stream.
 *
 * <pre>
 *   y = x + Σ b             one after the other: x goes in, y comes out
 *   y = x + a + m           side by side: without a it is x + m
 * </pre>
 *
 * @param added b, of every removed part
 * @param stream y, the first value of the stream that includes all of them
 */
record ResidualBranch(List<Value> added, Value stream) {

  /** The parts that {@code without} removes from {@code graph}; all lie in one block. */
  static ResidualBranch of(ModelGraph graph, Widths without) {
    var left = Remains.of(graph, without);
    var readers = new HashMap<Value, List<Node>>();
    for (var node : graph.nodes()) {
      node.inputs().forEach(v -> readers.computeIfAbsent(v, key -> new ArrayList<>()).add(node));
    }
    var added = new ArrayList<Value>();
    var stream = graph.tokens();
    for (var sum : Sought.ADD.in(graph)) {
      if (left.has(sum.node().output())) {
        for (var input : sum.node().inputs()) {
          if (!left.has(input)) {
            added.add(input);
            stream = end(sum.node(), readers);
          }
        }
      }
    }
    return new ResidualBranch(List.copyOf(added), stream);
  }

  /** The last of a chain of sums that nothing but the next sum reads. */
  private static Value end(Node sum, Map<Value, List<Node>> readers) {
    var last = sum;
    var next = readers.getOrDefault(last.output(), List.of());
    while (next.size() == 1
        && Sought.ADD.isAt(next.get(0))
        && next.get(0).block().equals(sum.block())) {
      last = next.get(0);
      next = readers.getOrDefault(last.output(), List.of());
    }
    return last.output();
  }
}
