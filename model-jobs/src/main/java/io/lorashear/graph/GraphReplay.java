package io.lorashear.graph;

import io.lorashear.graph.Extent.Axis;
import io.lorashear.graph.Operator.Activate;
import io.lorashear.graph.Operator.Add;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Operator.Collect;
import io.lorashear.graph.Operator.Dispatch;
import io.lorashear.graph.Operator.Embedding;
import io.lorashear.graph.Operator.LayerNorm;
import io.lorashear.graph.Operator.Layout;
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
import io.lorashear.graph.Sought.Found;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rebuilds a graph through a {@link GraphBuilder}, so that a changed graph is unified again rather
 * than patched: with other axis sizes, or with additions to its linears.
 */
public final class GraphReplay {

  /** What replaces a linear; {@code plain} writes the linear itself. */
  public interface LinearRewrite {
    /** The value that later operators read. */
    Value rewrite(GraphBuilder builder, Node node, Value input, Supplier<Value> plain);
  }

  private final ModelGraph graph;
  private final Widths widths;
  private final LinearRewrite rewrite;
  private final Map<Value, Factor> factors;
  private final NormScales norms;
  private final Remains left;
  private final GraphBuilder builder = new GraphBuilder();
  private final Map<Value, Value> values = new HashMap<>();
  private final Map<String, String> names = new HashMap<>();
  private final Map<String, String> prefixes = new HashMap<>(); // of renumbered experts
  private final Map<String, String> scopes = new HashMap<>();

  /**
   * A parameter that multiplies a value.
   *
   * @param table its name, (positions, features)
   */
  public record Factor(String table, int positions) {}

  private GraphReplay(
      ModelGraph graph, Widths widths, LinearRewrite rewrite, Map<Value, Factor> factors) {
    this.graph = graph;
    this.widths = widths;
    this.rewrite = rewrite;
    this.factors = factors;
    this.norms = NormScales.of(graph, widths);
    this.left = Remains.of(graph, widths);
  }

  /**
   * A rebuilt graph.
   *
   * @param names the new name of each parameter by its old name; removed parameters are missing
   */
  public record Replayed(ModelGraph graph, Map<String, String> names) {}

  /**
   * The same computation with {@code widths} left of its axes. Removed experts are left out, and
   * the others are renumbered. What only fed a removed part is left out too (see {@link Remains}).
   */
  public static Replayed resized(ModelGraph graph, Widths widths) {
    var replay = new GraphReplay(graph, widths, GraphReplay::plain, Map.of());
    return new Replayed(replay.replay(), replay.names);
  }

  /** The same computation with every linear's output replaced by what {@code rewrite} returns. */
  public static ModelGraph rewritten(ModelGraph graph, LinearRewrite rewrite) {
    return new GraphReplay(graph, Widths.TRACED, rewrite, Map.of()).replay();
  }

  /**
   * The same computation with some values multiplied, feature by feature, by what a new parameter
   * has for the token's position.
   *
   * @param factors of each value; it has the features of a token
   */
  public static ModelGraph factored(ModelGraph graph, Map<Value, Factor> factors) {
    return new GraphReplay(graph, Widths.TRACED, GraphReplay::plain, factors).replay();
  }

  private static Value plain(GraphBuilder builder, Node node, Value input, Supplier<Value> plain) {
    return plain.get();
  }

  private ModelGraph replay() {
    values.put(graph.tokens(), builder.tokens());
    for (var node : graph.nodes()) {
      Sought.DISPATCH.of(node).ifPresent(dispatch -> countAnew(node, dispatch));
      builder.at(node.block(), scopes.getOrDefault(node.scope(), node.scope()));
      if (!values.containsKey(node.output())) {
        replayWhatIsLeft(node);
      }
      var factor = factors.get(node.output());
      if (factor != null) {
        int features = width(node.output());
        var f =
            builder.positionEmbedding(builder.tokens(), factor.table, factor.positions, features);
        values.put(node.output(), builder.multiply(now(node.output()), f));
      }
    }
    return builder.build(now(graph.logits()));
  }

  private void replayWhatIsLeft(Node node) {
    if (!left.computes(node)) {
      return;
    }
    var summands = node.inputs().stream().filter(left::has).toList();
    if (summands.size() < node.inputs().size()) { // a sum that lost a summand
      values.put(node.output(), now(summands.get(0)));
    } else {
      node.operator().parameters().forEach(name -> names.put(name, renamed(name)));
      values.put(node.output(), node.operator().read(new Again(node)));
    }
  }

  private void countAnew(Node node, Dispatch dispatch) {
    int number = number(node, dispatch.expert());
    var scope = node.scope();
    var before = "." + dispatch.expert();
    prefixes.put(dispatch.stem() + dispatch.expert() + ".", dispatch.stem() + number + ".");
    if (scope.endsWith(before)) {
      scopes.put(scope, scope.substring(0, scope.length() - before.length()) + "." + number);
    }
  }

  /** An expert's new number: how many of those before it are left. */
  private int number(Node node, int expert) {
    var routes = graph.shape(node.inputs().get(1));
    var experts = (Axis) routes.get(routes.size() - 1);
    return (int) IntStream.range(0, expert).filter(e -> widths.keeps(experts, e)).count();
  }

  private String renamed(String name) {
    for (var prefix : prefixes.entrySet()) {
      if (name.startsWith(prefix.getKey())) {
        return prefix.getValue() + name.substring(prefix.getKey().length());
      }
    }
    return name;
  }

  /** Writes the same operator into the new graph; returns its new value. */
  private final class Again implements Reading<Value> {
    private final Node node;

    Again(Node node) {
      this.node = node;
    }

    private Value x() {
      return x(0);
    }

    private Value x(int input) {
      return now(node.inputs().get(input));
    }

    private int rows(String table) {
      return graph.parameter(table).extents().get(0).size(widths);
    }

    private int width() {
      return GraphReplay.this.width(node.output());
    }

    @Override
    public Value embedding(Embedding embedding) {
      return builder.embedding(x(), embedding.table(), rows(embedding.table()), width());
    }

    @Override
    public Value positionEmbedding(PositionEmbedding embedding) {
      return builder.positionEmbedding(x(), embedding.table(), rows(embedding.table()), width());
    }

    @Override
    public Value linear(Linear linear) {
      return rewrite.rewrite(builder, node, x(), () -> GraphReplay.this.linear(linear, x(), node));
    }

    @Override
    public Value maskedLinear(MaskedLinear masked) {
      var linear = masked.linear();
      @Nullable String bias = linear.bias() == null ? null : renamed(linear.bias());
      var now = new Linear(renamed(linear.weight()), bias, linear.layout());
      var pair = new MaskedLinear(now, renamed(masked.a()), renamed(masked.b()), masked.scale());
      var rank = graph.parameter(masked.a()).extents().get(0);
      return builder.maskedLinear(x(), pair, width(), rank.size(widths), label(rank, node));
    }

    @Override
    public Value add(Add add) {
      return builder.add(x(), x(1));
    }

    @Override
    public Value multiply(Multiply multiply) {
      return builder.multiply(x(), x(1));
    }

    @Override
    public Value scale(Scale scale) {
      return builder.scale(x(), scale.factor());
    }

    @Override
    public Value rootScale(RootScale scale) {
      return builder.rootScale(x());
    }

    @Override
    public Value route(Route route) {
      return builder.route(x(), route.weight(), route.k(), route.normed());
    }

    @Override
    public Value dispatch(Dispatch dispatch) {
      return builder.dispatch(x(), x(1), number(node, dispatch.expert()), dispatch.stem());
    }

    @Override
    public Value collect(Collect collect) {
      return builder.collect(x(), x(1), number(node, collect.expert()));
    }

    @Override
    public Value activate(Activate activate) {
      return builder.activate(x(), activate.function());
    }

    @Override
    public Value rmsNorm(RmsNorm norm) {
      return builder.rmsNorm(x(), norm.weight(), norms.epsilon(norm.weight()), norm.offset());
    }

    @Override
    public Value layerNorm(LayerNorm norm) {
      return builder.layerNorm(x(), norm.weight(), norm.bias(), norm.epsilon());
    }

    @Override
    public Value splitHeads(SplitHeads split) {
      return builder.splitHeads(x(), width());
    }

    @Override
    public Value mergeHeads(MergeHeads merge) {
      return builder.mergeHeads(x());
    }

    @Override
    public Value rotary(Rotary rotary) {
      return builder.rotary(x(), rotary.table());
    }

    @Override
    public Value attention(Attention attention) {
      return builder.attention(x(), x(1), x(2), attention);
    }

    @Override
    public Value part(Part part) {
      return parts(node, x());
    }
  }

  private Value linear(Linear linear, Value x, Node node) {
    var extents = graph.parameter(linear.weight()).extents();
    var out = extents.get(linear.layout() == Layout.OUT_IN ? 0 : 1);
    var role = AxisRole.CHANNELS;
    var label = label(out, node);
    if (!label.isEmpty()) {
      role = AxisRole.RANK;
    }
    @Nullable String bias = linear.bias() == null ? null : renamed(linear.bias());
    return builder.linear(
        x, renamed(linear.weight()), bias, linear.layout(), out.size(widths), role, label);
  }

  /** The name of a rank axis within its scope; empty if the extent has none. */
  private static String label(Extent out, Node node) {
    return out.axes().stream()
        .filter(axis -> axis.role() == AxisRole.RANK)
        .map(axis -> axis.name().substring(node.scope().isEmpty() ? 0 : node.scope().length() + 1))
        .findFirst()
        .orElse("");
  }

  /** All parts of one fused value are split at once; each is found again by its own output. */
  private Value parts(Node first, Value x) {
    var together =
        Sought.PART.in(graph).stream()
            .map(Found::node)
            .filter(node -> node.input().equals(first.input()))
            .toList();
    var made = builder.split(x, together.stream().map(node -> width(node.output())).toList());
    for (int i = 0; i < made.size(); i++) {
      values.put(together.get(i).output(), made.get(i));
    }
    return now(first.output());
  }

  private Value now(Value before) {
    var value = values.get(before);
    if (value == null) {
      throw new IllegalStateException("value " + before.id() + " is read before it is computed");
    }
    return value;
  }

  private int width(Value value) {
    List<Extent> shape = graph.shape(value);
    return shape.get(shape.size() - 1).size(widths);
  }
}
