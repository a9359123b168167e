package io.lorashear.torch.compile;

import io.lorashear.graph.Node;
import io.lorashear.graph.Operator;
import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Value;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Linear layers with a LoRA pair, found by their pattern in the graph and run as one operation:
 *
 * <pre>
 *   y = W x + b + s·B(A x)        h = A x  (rank numbers per token)
 *                                 y = W x + b, then y += s·B h in place
 * </pre>
 *
 * Neither B h nor s·B h is ever stored, and the sum takes no new memory.
 */
final class ComposedLinears {
  /** One of them, five nodes in all; it is written in place of {@code sum}. */
  record Composed(Node sum, Linear plain, Linear a, Linear b, double scale, Value input) {}

  private final Map<Node, Composed> bySum = new HashMap<>();
  private final Set<Node> inside = new HashSet<>();

  /**
   * Finds them in {@code nodes}.
   *
   * @param wanted values that are also read outside of these nodes
   */
  ComposedLinears(List<Node> nodes, Collection<Value> wanted) {
    var makers = new HashMap<Value, Node>();
    var readers = new HashMap<Value, Integer>();
    for (var node : nodes) {
      makers.put(node.output(), node);
      node.inputs().forEach(input -> readers.merge(input, 1, Integer::sum));
    }
    wanted.forEach(value -> readers.merge(value, 1, Integer::sum));
    Sought.ADD.in(nodes).forEach(sum -> find(sum.node(), makers, readers));
  }

  private void find(Node sum, Map<Value, Node> makers, Map<Value, Integer> readers) {
    var plain = maker(sum.inputs().get(0), makers, readers);
    var scaled = maker(sum.inputs().get(1), makers, readers);
    var scale = of(Sought.SCALE, scaled);
    if (plain == null || scaled == null || scale == null) {
      return;
    }
    var outer = maker(scaled.input(), makers, readers);
    var inner = outer == null ? null : maker(outer.input(), makers, readers);
    var w = of(Sought.LINEAR, plain);
    var b = of(Sought.LINEAR, outer);
    var a = of(Sought.LINEAR, inner);
    if (outer == null
        || inner == null
        || w == null
        || b == null
        || a == null
        || a.bias() != null
        || b.bias() != null
        || !inner.input().equals(plain.input())) {
      return;
    }
    bySum.put(sum, new Composed(sum, w, a, b, scale.factor(), plain.input()));
    inside.addAll(List.of(plain, scaled, outer, inner));
  }

  private static <O extends Operator> @Nullable O of(Sought<O> kind, @Nullable Node node) {
    return node == null ? null : kind.of(node).orElse(null);
  }

  /** The node that computes a value if the value is read exactly once, otherwise null. */
  private static @Nullable Node maker(
      Value value, Map<Value, Node> makers, Map<Value, Integer> readers) {
    return readers.getOrDefault(value, 0) == 1 ? makers.get(value) : null;
  }

  /** Whether none was found. */
  boolean isEmpty() {
    return bySum.isEmpty();
  }

  /** Whether this node is computed as part of a composed linear that was found. */
  boolean absorbs(Node node) {
    return inside.contains(node);
  }

  /** The composed linear whose sum this node is, or null. */
  @Nullable Composed at(Node node) {
    return bySum.get(node);
  }
}
