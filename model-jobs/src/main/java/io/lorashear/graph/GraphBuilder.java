package io.lorashear.graph;

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
import io.lorashear.graph.Term.ConcatTerm;
import io.lorashear.graph.Term.IndexTerm;
import io.lorashear.graph.Term.ProductTerm;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Records a forward pass and unifies the dimensions that meet in it. The rules of each operator
 * about its axes are in its method, and nowhere else.
 */
public final class GraphBuilder {
  private record Weight(String name, List<Term> terms) {}

  private final Unifier unifier = new Unifier();
  private final List<Node> nodes = new ArrayList<>();
  private final List<List<Term>> shapes = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();
  private final Value tokens = value(List.of());
  private String block = "";
  private String scope = "";

  /** The input ids, (B, T). */
  public Value tokens() {
    return tokens;
  }

  /** Runs {@code body} as one repeated block, whose inputs are the values it reads from outside. */
  public Value block(String label, Supplier<Value> body) {
    var outer = block;
    block = label;
    try {
      return scope(label, body);
    } finally {
      block = outer;
    }
  }

  /** Runs {@code body} in a named scope; axes made there carry the name. */
  public Value scope(String name, Supplier<Value> body) {
    var outer = scope;
    scope = outer.isEmpty() ? name : outer + "." + name;
    try {
      return body.get();
    } finally {
      scope = outer;
    }
  }

  /** Continues in the given block and scope. */
  void at(String block, String scope) {
    this.block = block;
    this.scope = scope;
  }

  /** ids → rows of the table (vocabulary, features). The vocabulary is locked. */
  public Value embedding(Value ids, String table, int vocabulary, int features) {
    var weight =
        weight(
            table,
            List.of(
                () -> axis(vocabulary, AxisRole.VOCABULARY),
                () -> axis(features, AxisRole.RESIDUAL)));
    unifier.lock(weight.terms().get(0), "token ids name its indices");
    return node(new Embedding(table), List.of(ids), List.of(weight.terms().get(1)));
  }

  /** ids → rows of the table (positions, features) by position. The positions are locked. */
  public Value positionEmbedding(Value ids, String table, int positions, int features) {
    var weight =
        weight(
            table,
            List.of(
                () -> axis(positions, AxisRole.POSITIONS),
                () -> axis(features, AxisRole.RESIDUAL)));
    unifier.lock(weight.terms().get(0), "places in a text name its indices");
    return node(new PositionEmbedding(table), List.of(ids), List.of(weight.terms().get(1)));
  }

  /** {@code y = W x}, W (out, in). */
  public Value linear(Value x, String weight, int out) {
    return linear(x, weight, null, Layout.OUT_IN, out, AxisRole.CHANNELS, "");
  }

  /** {@code y = W x + b}, W (out, in); no bias where null. */
  public Value linear(Value x, String weight, @Nullable String bias, int out) {
    return linear(x, weight, bias, Layout.OUT_IN, out, AxisRole.CHANNELS, "");
  }

  /** {@code y = W x + b}; a new output axis is called {@code label} and has {@code role}. */
  public Value linear(
      Value x,
      String weight,
      @Nullable String bias,
      Layout layout,
      int out,
      AxisRole role,
      String label) {
    var linear = new Linear(weight, bias, layout);
    return node(linear, List.of(x), replaceLast(x, written(x, linear, out, role, label)));
  }

  /** The output dimension of a linear of {@code x}, unified with its weights. */
  private Term written(Value x, Linear linear, int out, AxisRole role, String label) {
    boolean outIn = linear.layout() == Layout.OUT_IN;
    var input = last(x);
    Supplier<Term> fresh = () -> ownedAs(x, axis(out, role, label));
    Supplier<Term> read = () -> input;
    var dimensions = outIn ? List.of(fresh, read) : List.of(read, fresh);
    var terms = weight(linear.weight(), dimensions).terms();
    var written = terms.get(outIn ? 0 : 1);
    unifier.unify(input, terms.get(outIn ? 1 : 0), "linear " + linear.weight());
    var bias = linear.bias();
    if (bias != null) {
      unifier.unify(written, weight(bias, List.of(() -> written)).terms().get(0), "bias " + bias);
    }
    return written;
  }

  /** A linear with a LoRA pair of {@code rank} that is trained where the weight is not zero. */
  public Value maskedLinear(Value x, MaskedLinear masked, int out, int rank, String label) {
    var written = written(x, masked.linear(), out, AxisRole.CHANNELS, "");
    Supplier<Term> fresh = () -> ownedAs(x, axis(rank, AxisRole.RANK, label));
    var a = weight(masked.a(), List.of(fresh, () -> last(x))).terms();
    var b = weight(masked.b(), List.of(() -> written, () -> a.get(0))).terms();
    unifier.unify(last(x), a.get(1), "linear " + masked.a());
    unifier.unify(a.get(0), b.get(1), "linear " + masked.b());
    unifier.unify(written, b.get(0), "linear " + masked.b());
    return node(masked, List.of(x), replaceLast(x, written));
  }

  /** Sum; the dimensions of both are unified. */
  public Value add(Value a, Value b) {
    unifyShapes(a, b, "add");
    return node(new Add(), List.of(a, b), shapes.get(a.id()));
  }

  /** Elementwise product; the dimensions of both are unified. */
  public Value multiply(Value a, Value b) {
    unifyShapes(a, b, "multiply");
    return node(new Multiply(), List.of(a, b), shapes.get(a.id()));
  }

  /** Product with a constant. */
  public Value scale(Value x, double factor) {
    return node(new Scale(factor), List.of(x), shapes.get(x.id()));
  }

  /** Product with the square root of the number of features, which is therefore locked. */
  public Value rootScale(Value x) {
    unifier.lock(last(x), "its values are multiplied by the root of its size");
    return node(new RootScale(), List.of(x), shapes.get(x.id()));
  }

  /** Elementwise function. */
  public Value activate(Value x, Activation function) {
    return node(new Activate(function), List.of(x), shapes.get(x.id()));
  }

  /** Routes every row to {@code k} of {@code experts}, a new axis, by a linear router. */
  public Value route(Value x, String weight, int experts, int k, boolean normed) {
    return route(linear(x, weight, experts), weight, k, normed);
  }

  /** Routes every row to the {@code k} experts with the largest scores {@code z} of the weight. */
  public Value route(Value z, String weight, int k, boolean normed) {
    unifier.role(last(z), AxisRole.EXPERTS, scope);
    return node(new Route(weight, k, normed), List.of(z), shapes.get(z.id()));
  }

  /**
   * The rows routed to one expert. Their features are index × features, and so is whatever is
   * computed from them: removing the index removes all parameters between here and {@link
   * #collect}.
   */
  public Value dispatch(Value x, Value routes, int expert, String stem) {
    var own = new ProductTerm(List.of(new IndexTerm(last(routes), expert), last(x)));
    return node(new Dispatch(expert, stem), List.of(x, routes), replaceLast(x, own));
  }

  /** Puts the rows of one expert back in their positions. */
  public Value collect(Value y, Value routes, int expert) {
    return node(new Collect(expert), List.of(y, routes), replaceLast(y, features(y)));
  }

  /** {@code made}, with the index of the expert that x has the rows of, if there is one. */
  private Term ownedAs(Value x, Term made) {
    return unifier.find(last(x)) instanceof ProductTerm product
            && unifier.find(product.factors().get(0)) instanceof IndexTerm index
        ? new ProductTerm(List.of(index, made))
        : made;
  }

  /** The last dimension of x without the index of an expert. */
  private Term features(Value x) {
    return unifier.find(last(x)) instanceof ProductTerm product
            && unifier.find(product.factors().get(0)) instanceof IndexTerm
        ? product.factors().get(1)
        : last(x);
  }

  /** Root-mean-square norm; the mean is over the features as traced. */
  public Value rmsNorm(Value x, String weight, double epsilon) {
    return rmsNorm(x, weight, epsilon, 0);
  }

  /** The same with an offset added to the stored weight. */
  public Value rmsNorm(Value x, String weight, double epsilon, double offset) {
    return rmsNorm(x, weight, epsilon, last(x).size(), offset);
  }

  /** Root-mean-square norm with its divisor given, and an offset added to the stored weight. */
  public Value rmsNorm(Value x, String weight, double epsilon, int divisor, double offset) {
    var term = weight(weight, List.of(() -> last(x))).terms().get(0);
    unifier.unify(last(x), term, "norm " + weight);
    return node(new RmsNorm(weight, epsilon, divisor, offset), List.of(x), shapes.get(x.id()));
  }

  /** Layer norm. Its mean would change if an index were removed, so the axis is locked. */
  public Value layerNorm(Value x, String weight, @Nullable String bias, double epsilon) {
    for (var name : new LayerNorm(weight, bias, epsilon).parameters()) {
      unifier.unify(last(x), weight(name, List.of(() -> last(x))).terms().get(0), "norm " + name);
    }
    unifier.lock(last(x), "the mean of LayerNorm " + weight + " is taken over it");
    return node(new LayerNorm(weight, bias, epsilon), List.of(x), shapes.get(x.id()));
  }

  /** (…, heads × headDim) → (…, heads, headDim). */
  public Value splitHeads(Value x, int headDimension) {
    int heads = last(x).size() / headDimension;
    var pair =
        List.<Term>of(axis(heads, AxisRole.HEADS), axis(headDimension, AxisRole.HEAD_DIMENSION));
    unifier.unify(last(x), new ProductTerm(pair), "splitting heads in " + scope);
    var shape = new ArrayList<>(shapes.get(x.id()));
    shape.remove(shape.size() - 1);
    shape.addAll(pair);
    return node(new SplitHeads(headDimension), List.of(x), shape);
  }

  /** (…, heads, headDim) → (…, heads × headDim). */
  public Value mergeHeads(Value x) {
    var shape = new ArrayList<>(shapes.get(x.id()));
    var dimension = shape.remove(shape.size() - 1);
    var heads = shape.remove(shape.size() - 1);
    shape.add(new ProductTerm(List.of(heads, dimension)));
    return node(new MergeHeads(), List.of(x), shape);
  }

  /** Rotary position embedding with the same frequencies at every length. */
  public Value rotary(Value x, List<Double> frequencies) {
    return rotary(x, RotaryTable.of(frequencies));
  }

  /** Rotary position embedding; a pair cannot lose one half, so the head dimension is locked. */
  public Value rotary(Value x, RotaryTable table) {
    unifier.lock(last(x), "rotary positions turn its indices in pairs");
    return node(new Rotary(table), List.of(x), shapes.get(x.id()));
  }

  /** Causal attention; q's heads are k's heads × group, and the head dimension is locked. */
  public Value attention(Value q, Value k, Value v, Attention attention) {
    var queries = heads(q);
    var keys = heads(k);
    unifier.unify(keys, heads(v), "attention in " + scope);
    int group = queries.size() / keys.size();
    unifier.role(keys, AxisRole.KEY_VALUE_HEADS, scope);
    unifier.unify(
        queries,
        group == 1 ? keys : new ProductTerm(List.of(keys, axis(group, AxisRole.QUERY_GROUP))),
        "attention in " + scope);
    unifier.unify(last(q), last(k), "attention in " + scope);
    unifier.lock(last(q), "attention scores are scaled by its size");
    unifier.unify(last(v), last(k), "attention in " + scope);
    unifier.role(last(k), AxisRole.HEAD_DIMENSION, scope);
    return node(attention, List.of(q, k, v), List.of(queries, last(v)));
  }

  /** The pieces of a fused last dimension, of the given sizes, in order. */
  public List<Value> split(Value x, List<Integer> sizes) {
    var parts = sizes.stream().map(size -> (Term) axis(size, AxisRole.CHANNELS)).toList();
    unifier.unify(features(x), new ConcatTerm(parts), "split in " + scope);
    var values = new ArrayList<Value>();
    int offset = 0;
    for (int i = 0; i < parts.size(); i++) {
      int size = sizes.get(i);
      values.add(
          node(new Part(i, offset, size), List.of(x), replaceLast(x, ownedAs(x, parts.get(i)))));
      offset += size;
    }
    return values;
  }

  /** Ends the trace; the vocabulary of {@code logits} is locked. */
  public ModelGraph build(Value logits) {
    unifier.role(last(logits), AxisRole.VOCABULARY, "");
    unifier.lock(last(logits), "logits name its indices");
    var parameters = new LinkedHashMap<String, Parameter>();
    weights
        .values()
        .forEach(w -> parameters.put(w.name(), new Parameter(w.name(), resolve(w.terms()))));
    return new ModelGraph(
        tokens,
        List.copyOf(nodes),
        Collections.unmodifiableMap(parameters),
        shapes.stream().map(this::resolve).toList(),
        logits);
  }

  private List<Extent> resolve(List<Term> terms) {
    return terms.stream().map(unifier::resolve).toList();
  }

  private Weight weight(String name, List<Supplier<Term>> dimensions) {
    return weights.computeIfAbsent(
        name, key -> new Weight(key, dimensions.stream().map(Supplier::get).toList()));
  }

  private Term axis(int size, AxisRole role) {
    return axis(size, role, "");
  }

  private Term axis(int size, AxisRole role, String label) {
    return unifier.fresh(size, role == AxisRole.RESIDUAL ? "" : scope, label, role);
  }

  private Value value(List<Term> shape) {
    shapes.add(shape);
    return new Value(shapes.size() - 1);
  }

  private Value node(Operator operator, List<Value> inputs, List<Term> shape) {
    var output = value(List.copyOf(shape));
    nodes.add(new Node(operator, inputs, output, block, scope));
    return output;
  }

  private Term last(Value x) {
    var shape = shapes.get(x.id());
    return shape.get(shape.size() - 1);
  }

  private Term heads(Value x) {
    var shape = shapes.get(x.id());
    return shape.get(shape.size() - 2);
  }

  private List<Term> replaceLast(Value x, Term term) {
    var shape = new ArrayList<>(shapes.get(x.id()));
    shape.set(shape.size() - 1, term);
    return shape;
  }

  private void unifyShapes(Value a, Value b, String what) {
    var left = shapes.get(a.id());
    var right = shapes.get(b.id());
    if (left.size() != right.size()) {
      throw new IllegalArgumentException(
          what
              + " in "
              + scope
              + " joins values of "
              + left.size()
              + " and "
              + right.size()
              + " dimensions");
    }
    for (int i = 0; i < left.size(); i++) {
      unifier.unify(left.get(i), right.get(i), what + " in " + scope);
    }
  }
}
