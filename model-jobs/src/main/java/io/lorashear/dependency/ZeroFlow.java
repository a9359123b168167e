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
import io.lorashear.graph.Operator.Dispatch;
import io.lorashear.graph.Operator.Embedding;
import io.lorashear.graph.Operator.LayerNorm;
import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Operator.MaskedLinear;
import io.lorashear.graph.Operator.MergeHeads;
import io.lorashear.graph.Operator.Multiply;
import io.lorashear.graph.Operator.Part;
import io.lorashear.graph.Operator.PositionEmbedding;
import io.lorashear.graph.Operator.RmsNorm;
import io.lorashear.graph.Operator.RootScale;
import io.lorashear.graph.Operator.Rotary;
import io.lorashear.graph.Operator.Route;
import io.lorashear.graph.Operator.Scale;
import io.lorashear.graph.Operator.SplitHeads;
import io.lorashear.graph.Reading;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
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
 *   zero(a moved, scaled)   zero(a)
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
          || carries(graph, node.output(), axis)
              && node.operator().read(new StaysZero(node, zero))) {
        zero.add(node.output());
      }
      boolean carried = carries(graph, node.input(), axis);
      if (!zero.contains(node.input()) && sums(node) && carriesLast(graph, node.input(), axis)) {
        return readerOf(node) + " reads it after " + (cause.isEmpty() ? "a non-zero value" : cause);
      }
      if (carried && zero.contains(node.input()) && !zero.contains(node.output())) {
        cause =
            Sought.ACTIVATE
                .of(node)
                .map(activate -> activate.function() + ", which does not keep zero")
                .orElse(cause);
      }
    }
    return "";
  }

  /** Whether what {@code node} gives is zero, where {@code zero} are the values before that are. */
  private record StaysZero(Node node, Set<Value> zero) implements Reading<Boolean> {
    private boolean first() {
      return zero.contains(node.input());
    }

    private boolean any() {
      return node.inputs().stream().anyMatch(zero::contains);
    }

    @Override
    public Boolean embedding(Embedding embedding) {
      return true;
    }

    @Override
    public Boolean positionEmbedding(PositionEmbedding positionEmbedding) {
      return true;
    }

    @Override
    public Boolean linear(Linear linear) {
      return true;
    }

    @Override
    public Boolean maskedLinear(MaskedLinear maskedLinear) {
      return true;
    }

    @Override
    public Boolean add(Add add) {
      return zero.containsAll(node.inputs());
    }

    @Override
    public Boolean multiply(Multiply multiply) {
      return any();
    }

    @Override
    public Boolean scale(Scale scale) {
      return first();
    }

    @Override
    public Boolean rootScale(RootScale rootScale) {
      return first();
    }

    @Override
    public Boolean route(Route route) {
      return true;
    }

    @Override
    public Boolean dispatch(Dispatch dispatch) {
      return first();
    }

    @Override
    public Boolean collect(Collect collect) {
      return any();
    }

    @Override
    public Boolean activate(Activate activate) {
      return activate.function().keepsZero() && first();
    }

    @Override
    public Boolean rmsNorm(RmsNorm rmsNorm) {
      return first();
    }

    @Override
    public Boolean layerNorm(LayerNorm layerNorm) {
      return first();
    }

    @Override
    public Boolean splitHeads(SplitHeads splitHeads) {
      return first();
    }

    @Override
    public Boolean mergeHeads(MergeHeads mergeHeads) {
      return first();
    }

    @Override
    public Boolean rotary(Rotary rotary) {
      return first();
    }

    @Override
    public Boolean attention(Attention attention) {
      return zero.contains(node.inputs().get(2));
    }

    @Override
    public Boolean part(Part part) {
      return first();
    }
  }

  /** Whether it sums over what is last; the axis of a LayerNorm is locked before anybody asks. */
  private static boolean sums(Node node) {
    return switch (node.operator().kind()) {
      case LINEAR, MASKED_LINEAR, RMS_NORM -> true;
      case EMBEDDING,
          POSITION_EMBEDDING,
          ADD,
          MULTIPLY,
          SCALE,
          ROOT_SCALE,
          ROUTE,
          DISPATCH,
          COLLECT,
          ACTIVATE,
          LAYER_NORM,
          SPLIT_HEADS,
          MERGE_HEADS,
          ROTARY,
          ATTENTION,
          PART ->
          false;
    };
  }

  private static String readerOf(Node node) {
    var kind = node.operator().kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return kind + " " + node.operator().parameters().get(0);
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
