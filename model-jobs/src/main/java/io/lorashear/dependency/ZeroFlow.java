package io.lorashear.dependency;

import io.lorashear.graph.Extent;
import io.lorashear.graph.Extent.Axis;
import io.lorashear.graph.Extent.Index;
import io.lorashear.graph.Extent.Product;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Operator.Activate;
import io.lorashear.graph.Operator.Add;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Operator.Collect;
import io.lorashear.graph.Operator.Embedding;
import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Operator.Multiply;
import io.lorashear.graph.Operator.PositionEmbedding;
import io.lorashear.graph.Operator.RmsNorm;
import io.lorashear.graph.Operator.Route;
import io.lorashear.graph.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Follows a removed index through the forward pass: with its written slices at zero, is every value
 * zero there until something sums over it?
 *
 * <pre>
 *   zero(W x), zero(embed)  yes        its rows, bias, column are zero
 *   zero(a + b)             zero(a) and zero(b)
 *   zero(a · b)             zero(a) or zero(b)
 *   zero(f(a))              zero(a) and f(0) = 0
 *   zero(attention)         zero(v)    its weights do not matter then
 *   zero(route)             yes        a router's row of zeros chooses nobody
 *   zero(collect)           zero(rows) or zero(routes)
 *   zero(an expert's rows)  yes        if the index is the expert: there are none
 *   anything else           zero(a)
 * </pre>
 *
 * A linear sums over its input, a norm over its features: both need zero there.
 */
final class ZeroFlow {
  private ZeroFlow() {}

  /**
   * What goes wrong first, or an empty text where every reader sees zeros.
   *
   * @param nodes those with {@code axis} in their first input or their output, in order
   */
  static String firstNonZeroReader(ModelGraph graph, Axis axis, List<Node> nodes) {
    var zero = new HashSet<Value>();
    var cause = "";
    for (var node : nodes) {
      if (isExpert(graph, node.output(), axis)
          || carries(graph, node.output(), axis) && staysZero(node, zero)) {
        zero.add(node.output());
      }
      boolean carried = carries(graph, node.input(), axis);
      if (!zero.contains(node.input()) && sums(node) && carriesLast(graph, node.input(), axis)) {
        return readerOf(node) + " reads it after " + (cause.isEmpty() ? "a non-zero value" : cause);
      }
      if (carried && zero.contains(node.input()) && !zero.contains(node.output())) {
        cause =
            node.operator() instanceof Activate a
                ? a.function() + ", which does not keep zero"
                : cause;
      }
    }
    return "";
  }

  private static boolean staysZero(Node node, Set<Value> zero) {
    var operator = node.operator();
    if (operator instanceof Linear
        || operator instanceof Embedding
        || operator instanceof PositionEmbedding
        || operator instanceof Route) {
      return true;
    }
    if (operator instanceof Add) {
      return zero.containsAll(node.inputs());
    }
    if (operator instanceof Multiply || operator instanceof Collect) {
      return node.inputs().stream().anyMatch(zero::contains);
    }
    if (operator instanceof Activate activate) {
      return activate.function().keepsZero() && zero.contains(node.input());
    }
    if (operator instanceof Attention) {
      return zero.contains(node.inputs().get(2));
    }
    return zero.contains(node.input());
  }

  private static boolean sums(Node node) {
    return node.operator() instanceof Linear || node.operator() instanceof RmsNorm;
  }

  private static String readerOf(Node node) {
    var weight = node.operator().parameters().get(0);
    return (node.operator() instanceof Linear ? "linear " : "norm ") + weight;
  }

  /** Whether the value is the rows of one expert, the axis being that of experts. */
  private static boolean isExpert(ModelGraph graph, Value value, Axis axis) {
    var shape = graph.shape(value);
    return shape.get(shape.size() - 1) instanceof Product product
        && product.factors().get(0) instanceof Index index
        && index.axis().equals(axis);
  }

  /** In the dimension that linears and norms sum over. */
  private static boolean carriesLast(ModelGraph graph, Value value, Axis axis) {
    var shape = graph.shape(value);
    return !shape.isEmpty() && shape.get(shape.size() - 1).axes().contains(axis);
  }

  private static boolean carries(ModelGraph graph, Value value, Axis axis) {
    for (Extent extent : graph.shape(value)) {
      if (extent.axes().contains(axis)) {
        return true;
      }
    }
    return false;
  }
}
