package io.lorashear.torch.compile;

import static io.lorashear.torch.script.Aten.MINUS_INFINITY;
import static io.lorashear.torch.script.Aten.ZERO;
import static io.lorashear.torch.script.Aten.abs;
import static io.lorashear.torch.script.Aten.activation;
import static io.lorashear.torch.script.Aten.addInPlace;
import static io.lorashear.torch.script.Aten.addcmulInPlace;
import static io.lorashear.torch.script.Aten.addmm;
import static io.lorashear.torch.script.Aten.addmmInPlace;
import static io.lorashear.torch.script.Aten.cat;
import static io.lorashear.torch.script.Aten.detach;
import static io.lorashear.torch.script.Aten.div;
import static io.lorashear.torch.script.Aten.eq;
import static io.lorashear.torch.script.Aten.expand;
import static io.lorashear.torch.script.Aten.flatten;
import static io.lorashear.torch.script.Aten.gather;
import static io.lorashear.torch.script.Aten.geluTanh;
import static io.lorashear.torch.script.Aten.gt;
import static io.lorashear.torch.script.Aten.indexAdd;
import static io.lorashear.torch.script.Aten.indexSelect;
import static io.lorashear.torch.script.Aten.maskedFill;
import static io.lorashear.torch.script.Aten.mm;
import static io.lorashear.torch.script.Aten.mul;
import static io.lorashear.torch.script.Aten.mulInPlace;
import static io.lorashear.torch.script.Aten.nonzero;
import static io.lorashear.torch.script.Aten.norm;
import static io.lorashear.torch.script.Aten.numel;
import static io.lorashear.torch.script.Aten.requiresGrad;
import static io.lorashear.torch.script.Aten.roll;
import static io.lorashear.torch.script.Aten.rsqrt;
import static io.lorashear.torch.script.Aten.scatter;
import static io.lorashear.torch.script.Aten.select;
import static io.lorashear.torch.script.Aten.size;
import static io.lorashear.torch.script.Aten.sizes;
import static io.lorashear.torch.script.Aten.slice;
import static io.lorashear.torch.script.Aten.softmax;
import static io.lorashear.torch.script.Aten.square;
import static io.lorashear.torch.script.Aten.sum;
import static io.lorashear.torch.script.Aten.t;
import static io.lorashear.torch.script.Aten.topk;
import static io.lorashear.torch.script.Aten.unflatten;
import static io.lorashear.torch.script.Aten.unsqueeze;
import static io.lorashear.torch.script.Aten.view;
import static io.lorashear.torch.script.Aten.zerosLike;
import static io.lorashear.torch.script.Expression.list;
import static io.lorashear.torch.script.Expression.self;

import io.lorashear.graph.Activation;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
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
import io.lorashear.graph.Reading;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Value;
import io.lorashear.torch.compile.ComposedLinears.Composed;
import io.lorashear.torch.script.Aten;
import io.lorashear.torch.script.Expression;
import io.lorashear.torch.script.Lines;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Each operator as TorchScript. Feature sizes that pruning can change are never written into the
 * text: they are read from the tensors at run time.
 */
final class OperatorText {
  private final ModelGraph graph;
  private final Tables tables;
  private final Casts casts;
  private final Set<Value> spare;
  private final double dropout;
  private int pairs;
  private final Lines lines = new Lines();
  private final AttentionText attentions;

  /**
   * Writes nothing yet.
   *
   * @param spare values that the operator which reads them may overwrite
   * @param dropout share of a LoRA pair's inputs that is dropped
   */
  OperatorText(
      ModelGraph graph,
      Tables tables,
      Arrangement arrangement,
      Precision precision,
      Set<Value> spare,
      double dropout) {
    this.spare = spare;
    this.dropout = dropout;
    this.attentions = new AttentionText(tables, arrangement, precision, lines);
    this.casts = new Casts(precision);
    this.graph = graph;
    this.tables = tables;
  }

  /** The lines written so far. */
  @Override
  public String toString() {
    return lines.toString();
  }

  /**
   * Writes {@code y = operator(x)}.
   *
   * @param x the inputs
   * @param w the parameters
   */
  void write(Node node, List<Expression> x, List<Expression> w, Expression y) {
    lines.let(y, node.operator().read(new Forward(node, x, w, y)));
  }

  /** The index at which a part starts: the total width of the parts before it. */
  static int start(ModelGraph graph, Node node, Part part) {
    return Sought.PART.in(graph).stream()
        .filter(other -> other.node().inputs().equals(node.inputs()))
        .filter(other -> other.operator().index() < part.index())
        .mapToInt(other -> width(graph, other.node()))
        .sum();
  }

  private int width(Node node) {
    return width(graph, node);
  }

  private static int width(ModelGraph graph, Node node) {
    var shape = graph.shape(node.output());
    return shape.get(shape.size() - 1).size();
  }

  /** Writes a linear with its LoRA pair; {@code w} gives a parameter's expression by name. */
  void composed(Composed lora, Expression input, Function<String, Expression> w, Expression y) {
    var plain = lora.plain();
    var saved = Saved.OfPair.of(y, dropout > 0);
    var x = lines.let(saved.x(), flatten(input, 0, -2)); // (B·T, in)
    if (dropout > 0) {
      lines.let(saved.m(), self("dropped", x, tables.seed(), pairs++)); // (B·T, in)
      lines.let(saved.d(), mul(x, saved.m())); // (B·T, in)
    }
    var h = lines.let(saved.h(), mm(saved.d(), t(w.apply(lora.a().weight())))); // (B·T, rank)
    var stored = w.apply(plain.weight());
    var weight = plain.layout() == Layout.OUT_IN ? t(stored) : stored; // (in, out)
    var product = plain.bias() == null ? mm(x, weight) : addmm(w.apply(plain.bias()), x, weight);
    var plainly = lines.let(y.part("y"), product); // (B·T, out)
    var b = t(w.apply(lora.b().weight())); // (rank, out)
    var sum = lines.let(y.part("s"), addmmInPlace(plainly, h, b, lora.scale())); // (B·T, out)
    lines.let(y, view(sum, sizes(input, size(sum, 1)))); // (B, T, out)
  }

  /**
   * Writes an operator that autograd records from its leaves on, and y as its detached result.
   *
   * @param followed which inputs are leaves
   */
  void automatic(
      Node node, List<Expression> x, Set<Integer> followed, List<Expression> w, Expression y) {
    var saved = Saved.OfAutograd.of(y, x.size());
    var read = new ArrayList<>(x);
    for (int i = 0; i < x.size(); i++) {
      if (followed.contains(i)) {
        read.set(i, lines.let(saved.leaves().get(i), requiresGrad(detach(x.get(i)))));
      }
    }
    write(node, read, w, saved.result());
    lines.let(y, detach(saved.result()));
  }

  private static Expression function(Activation function, boolean inPlace, Expression x) {
    return switch (function) {
      case SILU -> activation("silu", inPlace, x);
      case GELU -> activation("gelu", inPlace, x);
      case GELU_TANH -> geluTanh(inPlace, x);
      case RELU -> activation("relu", inPlace, x);
      case TANH -> activation("tanh", inPlace, x);
      case SIGMOID -> activation("sigmoid", inPlace, x);
    };
  }

  /** Writes one operator; each method writes the lines before y and returns the expression of y. */
  private final class Forward implements Reading<Expression> {
    private final Node node;
    private final List<Expression> x;
    private final List<Expression> w;
    private final Expression y;

    Forward(Node node, List<Expression> x, List<Expression> w, Expression y) {
      this.node = node;
      this.x = x;
      this.w = w;
      this.y = y;
    }

    private Expression x(int input) {
      return x.get(input);
    }

    private Expression w(int parameter) {
      return w.get(parameter);
    }

    private Expression let(String suffix, Expression value) {
      return lines.let(y.part(suffix), value);
    }

    /** Whether y may overwrite that input. */
    private boolean isSpare(int input) {
      var value = node.inputs().get(input);
      return spare.contains(value) && graph.shape(value).equals(graph.shape(node.output()));
    }

    /** Whether y may overwrite either of the two inputs of a commutative operator. */
    private boolean inPlace() {
      return isSpare(0) || isSpare(1);
    }

    private int spare() {
      return isSpare(0) ? 0 : 1;
    }

    /**
     * The tokens that a router sent to one expert.
     *
     * @param routes routing weights of all tokens, (B·T)
     * @param rows indices of the tokens whose weight is not zero, (rows)
     */
    private record Sent(Expression routes, Expression rows) {}

    private Sent sent(int expert) {
      var routes = let("r", flatten(select(x(1), expert))); // (B·T)
      var rows = let("p", view(nonzero(gt(routes, ZERO)), List.of(-1))); // (rows)
      return new Sent(routes, rows);
    }

    @Override
    public Expression embedding(Embedding embedding) {
      return Aten.embedding(w(0), x(0)); // (B, T, features)
    }

    @Override
    public Expression positionEmbedding(PositionEmbedding embedding) {
      var rows = Aten.embedding(w(0), tables.at(tables.positions())); // (…, T, features)
      var each = tables.packed() ? rows : unsqueeze(rows, 0);
      return expand(each, List.of(size(x(0), 0), -1, -1)); // (B, T, features)
    }

    @Override
    public Expression linear(Linear linear) {
      var weight = linear.layout() == Layout.OUT_IN ? w(0) : t(w(0)); // (out, in)
      return Aten.linear(x(0), weight, linear.bias() == null ? null : w(1)); // (B, T, out)
    }

    @Override
    public Expression maskedLinear(MaskedLinear masked) {
      var names = masked.parameters();
      var e = new MaskedProduct(masked, lines, y, name -> w(names.indexOf(name))).effective();
      return Aten.linear(x(0), e, masked.linear().bias() == null ? null : w(3)); // (B, T, out)
    }

    @Override
    public Expression add(Add add) {
      return inPlace() ? addInPlace(x(spare()), x(1 - spare())) : Aten.add(x(0), x(1));
    }

    @Override
    public Expression multiply(Multiply multiply) {
      return inPlace() ? mulInPlace(x(spare()), x(1 - spare())) : mul(x(0), x(1));
    }

    @Override
    public Expression scale(Scale scale) {
      return mul(x(0), scale.factor());
    }

    @Override
    public Expression rootScale(RootScale scale) {
      return mul(x(0), Math.sqrt(width(node)));
    }

    @Override
    public Expression route(Route route) {
      var none = let("n", eq(sum(abs(w(0)), 1), ZERO)); // (experts)
      var z = let("z", maskedFill(casts.wide(x(0)), none, MINUS_INFINITY)); // (B, T, experts)
      var v = y.part("v"); // (B, T, k)
      var i = y.part("i"); // (B, T, k)
      lines.let(v, i, topk(z, route.k()));
      lines.let(v, route.normed() ? softmax(v) : gather(softmax(z), i));
      return scatter(zerosLike(z), i, v); // (B, T, experts)
    }

    @Override
    public Expression dispatch(Dispatch dispatch) {
      var sent = sent(dispatch.expert());
      return indexSelect(flatten(x(0), 0, 1), sent.rows()); // (rows, n)
    }

    @Override
    public Expression collect(Collect collect) {
      var sent = sent(collect.expert());
      var w = let("w", unsqueeze(indexSelect(sent.routes(), sent.rows()), 1)); // (rows, 1)
      var shape = let("s", list(numel(sent.routes()), size(x(0), -1)));
      var zeros = let("0", Aten.zeros(shape, x(0).device())); // (B·T, n)
      var weighted = let("m", mul(x(0), w)); // (rows, n), float32 as the weights are
      var all = let("1", indexAdd(zeros, sent.rows(), weighted)); // (B·T, n)
      lines.let(all, casts.narrow(all));
      return unflatten(all, 0, List.of(size(x(1), 0), size(x(1), 1))); // (B, T, n)
    }

    @Override
    public Expression activate(Activate activate) {
      return function(activate.function(), isSpare(0), x(0));
    }

    @Override
    public Expression rmsNorm(RmsNorm norm) {
      var r = Saved.OfNorm.of(y).r();
      var f = let("f", casts.wide(x(0))); // (…, features)
      var root = let("l", norm(f)); // (…, 1)
      var mean = let("m", div(square(root), (double) norm.divisor())); // (…, 1)
      lines.let(r, rsqrt(Aten.add(mean, norm.epsilon()))); // (…, 1)
      var v = norm.offset() == 0 ? w(0) : Aten.add(w(0), norm.offset()); // (features)
      return casts.narrow(mulInPlace(mul(f, r), v)); // (…, features)
    }

    @Override
    public Expression layerNorm(LayerNorm norm) {
      var f = let("f", casts.wide(x(0))); // (…, features)
      var bias = norm.bias() == null ? null : w(1);
      return casts.narrow(Aten.layerNorm(f, w(0), bias, norm.epsilon())); // (…, features)
    }

    @Override
    public Expression splitHeads(SplitHeads split) {
      return unflatten(x(0), -1, List.of(-1, split.headDimension()));
    }

    @Override
    public Expression mergeHeads(MergeHeads merge) {
      return flatten(x(0), -2, -1);
    }

    /**
     * {@code (a, b) → (a·cos − b·sin, b·cos + a·sin)} for the two halves of the rotary features, as
     * {@code (a, b)·(cos, cos) + (b, a)·(−sin, sin)}.
     */
    @Override
    public Expression rotary(Rotary rotary) {
      int n = rotary.table().pairs();
      int place = tables.rotary(rotary.table());
      boolean whole = width(node) == 2 * n;
      var r = let("r", whole ? x(0) : slice(x(0), -1, 0, 2 * n)); // (B, T, heads, 2n)
      var other = let("o", mulInPlace(roll(r, n), tables.at(place + 1)));
      var turned = let("t", addcmulInPlace(other, r, tables.at(place)));
      return whole ? turned : cat(List.of(turned, slice(x(0), -1, 2 * n)), -1);
    }

    @Override
    public Expression attention(Attention attention) {
      return attentions.of(attention, x, y);
    }

    @Override
    public Expression part(Part part) {
      int start = start(graph, node, part);
      return slice(x(0), -1, start, start + width(node));
    }
  }
}
