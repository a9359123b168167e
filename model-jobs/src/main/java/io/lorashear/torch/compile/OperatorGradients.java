package io.lorashear.torch.compile;

import static io.lorashear.torch.script.Aten.addInPlace;
import static io.lorashear.torch.script.Aten.addcmul;
import static io.lorashear.torch.script.Aten.addcmulInPlace;
import static io.lorashear.torch.script.Aten.backward;
import static io.lorashear.torch.script.Aten.cat;
import static io.lorashear.torch.script.Aten.flatten;
import static io.lorashear.torch.script.Aten.geluSlope;
import static io.lorashear.torch.script.Aten.mm;
import static io.lorashear.torch.script.Aten.mul;
import static io.lorashear.torch.script.Aten.mulInPlace;
import static io.lorashear.torch.script.Aten.pow;
import static io.lorashear.torch.script.Aten.roll;
import static io.lorashear.torch.script.Aten.sizes;
import static io.lorashear.torch.script.Aten.slice;
import static io.lorashear.torch.script.Aten.slope;
import static io.lorashear.torch.script.Aten.sumKept;
import static io.lorashear.torch.script.Aten.t;
import static io.lorashear.torch.script.Aten.thresholdSlope;
import static io.lorashear.torch.script.Aten.unflatten;
import static io.lorashear.torch.script.Aten.view;

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
import io.lorashear.graph.Value;
import io.lorashear.torch.compile.ComposedLinears.Composed;
import io.lorashear.torch.script.Aten;
import io.lorashear.torch.script.Expression;
import io.lorashear.torch.script.Lines;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The gradients of one block as TorchScript, operator by operator from the last to the first. With
 * g the gradient of an operator's output:
 *
 * <pre>
 *   y = W x + b             ∂x += Wᵀ g     ∂W += g xᵀ     ∂b += g
 *   y = W x + b + s·B(A x)  h = A x:  ∂h = s·Bᵀ g,  ∂B += s·g hᵀ,  ∂A += ∂h xᵀ,  ∂x += Wᵀ g + Aᵀ ∂h
 *                           with dropout, x∘m for x:              ∂A += ∂h (x∘m)ᵀ,  ∂x += Wᵀ g + m∘(Aᵀ ∂h)
 *   y = a ∘ b               ∂a += g ∘ b     ∂b += g ∘ a
 *   y = x·r ∘ v             r = 1/√(Σx²/N + ε), v = offset + w:  ∂x += r·(g∘v) − x·(r³/N)·⟨g∘v, x⟩
 *   y = x∘c + roll(x)∘s     ∂x += g∘c + roll(g∘s)
 * </pre>
 *
 * Only what appears on a right-hand side is kept. Other operators use autograd, each on its own,
 * with its inputs as leaves.
 */
final class OperatorGradients {
  private final ModelGraph graph;
  private final Tables tables;
  private final Casts casts;
  private final Set<String> learning;
  private final Set<Value> dependents;
  private final Function<String, Expression> weight;
  private final Function<String, Expression> place;
  private final Lines lines = new Lines();
  private final GradientSums sums;

  /**
   * For a block whose values have these names.
   *
   * @param learning names of the trainable weights
   * @param dependents values that depend on those weights
   * @param weight the expression of a frozen weight, by name
   * @param place the expression of a trainable weight, by name
   */
  OperatorGradients(
      ModelGraph graph,
      Tables tables,
      Precision precision,
      Set<String> learning,
      Set<Value> dependents,
      Map<Value, Expression> names,
      Function<String, Expression> weight,
      Function<String, Expression> place) {
    this.graph = graph;
    this.tables = tables;
    this.casts = new Casts(precision);
    this.learning = learning;
    this.dependents = dependents;
    this.weight = weight;
    this.place = place;
    this.sums = new GradientSums(precision, dependents, names, lines);
  }

  /** Whether a node's gradient is left to autograd. */
  static boolean isAutomatic(Node node) {
    return switch (node.operator().kind()) {
      case EMBEDDING, POSITION_EMBEDDING, ROUTE, DISPATCH, COLLECT, LAYER_NORM, ATTENTION -> true;
      case LINEAR,
          MASKED_LINEAR,
          ADD,
          MULTIPLY,
          SCALE,
          ROOT_SCALE,
          ACTIVATE,
          RMS_NORM,
          SPLIT_HEADS,
          MERGE_HEADS,
          ROTARY,
          PART ->
          false;
    };
  }

  /** Indices of the inputs of {@code node} that have a gradient. */
  static Set<Integer> followed(Node node, Set<Value> dependents) {
    return IntStream.range(0, node.slopedInputs().size())
        .filter(i -> dependents.contains(node.inputs().get(i)))
        .boxed()
        .collect(Collectors.toSet());
  }

  /** The gradients accumulated so far. */
  GradientSums sums() {
    return sums;
  }

  /** The lines written so far. */
  @Override
  public String toString() {
    return lines.toString();
  }

  /** Writes the backward pass of {@code node}, if its output has a gradient. */
  void write(Node node) {
    if (sums.has(node.output())) {
      node.operator().read(new Backward(node));
    }
  }

  /** Writes the backward pass of a linear with its LoRA pair, with or without dropout. */
  void composed(Composed lora, boolean dropout) {
    if (!sums.has(lora.sum().output())) {
      return;
    }
    var g = sums.of(lora.sum().output());
    var saved = Saved.OfPair.of(sums.name(lora.sum().output()), dropout);
    var plain = lora.plain();
    var rows = lines.let(g.part("2"), flatten(g, 0, -2)); // (B·T, out)
    own(plain, rows, () -> sums.keep(saved.x()));
    if (learning.contains(lora.b().weight())) {
      sums.weight(place.apply(lora.b().weight()), rows, sums.keep(saved.h()), lora.scale());
    }
    boolean first = learning.contains(lora.a().weight());
    var h = g.part("h"); // ∂h
    if (first || sums.wants(lora.input())) {
      var b = weight.apply(lora.b().weight()); // (out, rank)
      lines.let(h, mulInPlace(mm(rows, b), lora.scale())); // (B·T, rank)
    }
    if (first) {
      sums.weight(place.apply(lora.a().weight()), h, sums.keep(saved.d()), 1);
    }
    sums.product(lora.input(), g, rows, outIn(plain));
    var a = weight.apply(lora.a().weight()); // (rank, in)
    if (!dropout) {
      sums.product(lora.input(), g, h, a);
    } else if (sums.wants(lora.input())) {
      var left = mul(mm(h, a), sums.keep(saved.m())); // (B·T, in)
      sums.add(lora.input(), view(left, sizes(g, -1)), Hold.OWNED);
    }
  }

  /** ∂W and ∂b, from g and x as rows (B·T, …). */
  private void own(Linear linear, Expression g, Supplier<Expression> x) {
    if (learning.contains(linear.weight())) {
      boolean outIn = linear.layout() == Layout.OUT_IN;
      var input = x.get();
      sums.weight(place.apply(linear.weight()), outIn ? g : input, outIn ? input : g, 1);
    }
    if (linear.bias() != null && learning.contains(linear.bias())) {
      sums.vector(place.apply(linear.bias()), g);
    }
  }

  /** W as (out, in). */
  private Expression outIn(Linear linear) {
    var w = weight.apply(linear.weight());
    return linear.layout() == Layout.OUT_IN ? w : t(w);
  }

  private int width(Value value) {
    var shape = graph.shape(value);
    return shape.get(shape.size() - 1).size();
  }

  /** What one operator adds to the gradients of its inputs and weights. */
  private final class Backward implements Reading<Lines> {
    private final Node node;
    private final Expression g;

    Backward(Node node) {
      this.node = node;
      this.g = sums.of(node.output());
    }

    /** Adds a newly made tensor to the gradient of the only input. */
    private Lines input(Expression gradient) {
      sums.add(node.input(), gradient, Hold.OWNED);
      return lines;
    }

    private Lines automatic() {
      var saved = Saved.OfAutograd.of(sums.name(node.output()), node.inputs().size());
      lines.run(backward(sums.keep(saved.result()), g));
      for (int i = 0; i < node.inputs().size(); i++) {
        if (followed(node, dependents).contains(i)) {
          sums.add(node.inputs().get(i), sums.keep(saved.leaves().get(i)).grad(), Hold.SHARED);
        }
      }
      return lines;
    }

    @Override
    public Lines embedding(Embedding embedding) {
      return automatic();
    }

    @Override
    public Lines positionEmbedding(PositionEmbedding embedding) {
      return automatic();
    }

    @Override
    public Lines linear(Linear linear) {
      var rows = lines.let(g.part("2"), flatten(g, 0, -2)); // (B·T, out)
      own(linear, rows, () -> flatten(sums.kept(node.input()), 0, -2));
      sums.product(node.input(), g, rows, outIn(linear));
      return lines;
    }

    @Override
    public Lines maskedLinear(MaskedLinear masked) {
      new MaskedProduct(masked, lines, g, weight).backward(node.input(), sums, learning, place);
      return lines;
    }

    @Override
    public Lines add(Add add) {
      boolean both = node.inputs().stream().allMatch(sums::wants);
      var hold = both ? Hold.SHARED : sums.passedOn(node.output());
      node.inputs().forEach(x -> sums.add(x, g, hold));
      return lines;
    }

    @Override
    public Lines multiply(Multiply multiply) {
      var a = node.inputs().get(0);
      var b = node.inputs().get(1);
      if (sums.wants(b)) {
        sums.add(b, mul(g, sums.kept(a)), Hold.OWNED);
      }
      if (sums.wants(a)) {
        var other = sums.kept(b);
        var product = sums.isShared(node.output()) ? mul(g, other) : mulInPlace(g, other);
        sums.add(a, product, Hold.OWNED);
      }
      return lines;
    }

    @Override
    public Lines scale(Scale scale) {
      return input(mul(g, scale.factor()));
    }

    @Override
    public Lines rootScale(RootScale scale) {
      return input(mul(g, Math.sqrt(width(node.output()))));
    }

    @Override
    public Lines route(Route route) {
      return automatic();
    }

    @Override
    public Lines dispatch(Dispatch dispatch) {
      return automatic();
    }

    @Override
    public Lines collect(Collect collect) {
      return automatic();
    }

    @Override
    public Lines activate(Activate activate) {
      return input(
          switch (activate.function()) {
            case SILU -> slope("silu", g, sums.kept(node.input()));
            case GELU -> geluSlope(g, sums.kept(node.input()), "none");
            case GELU_TANH -> geluSlope(g, sums.kept(node.input()), "tanh");
            case RELU -> thresholdSlope(g, sums.kept(node.input()), 0);
            case TANH -> slope("tanh", g, sums.kept(node.output()));
            case SIGMOID -> slope("sigmoid", g, sums.kept(node.output()));
          });
    }

    @Override
    public Lines rmsNorm(RmsNorm norm) {
      var r = sums.keep(Saved.OfNorm.of(sums.name(node.output())).r()); // (…, 1)
      var w = weight.apply(norm.weight()); // (features)
      var f = lines.let(g.part("f"), casts.wide(g)); // (…, features)
      var x = lines.let(g.part("x"), casts.wide(sums.kept(node.input()))); // (…, features)
      if (learning.contains(norm.weight())) {
        var rows = lines.spare(flatten(mul(mul(f, x), r), 0, -2)); // (rows, features)
        sums.vector(place.apply(norm.weight()), rows);
      }
      return sums.wants(node.input()) ? normed(norm, w, f, x, r) : lines;
    }

    /** ∂x of a norm; an existing gradient of x is added in the same call. */
    private Lines normed(RmsNorm norm, Expression w, Expression f, Expression x, Expression r) {
      var v = norm.offset() == 0 ? w : Aten.add(w, norm.offset()); // (features)
      var gv = lines.let(g.part("v"), mul(f, v)); // (…, features)
      var s = lines.let(g.part("s"), sumKept(mul(gv, x), -1)); // (…, 1)
      var c = lines.let(g.part("c"), mul(mul(pow(r, 3), s), -1.0 / norm.divisor())); // (…, 1)
      var before = sums.of(node.input());
      boolean fused = !casts.precision().narrow() && sums.has(node.input());
      var d = lines.let(g.part("d"), fused ? addcmul(before, gv, r) : mulInPlace(gv, r));
      lines.let(d, addcmulInPlace(d, x, c)); // (…, features)
      if (fused) {
        sums.replace(node.input(), d);
        return lines;
      }
      return input(casts.narrow(d));
    }

    @Override
    public Lines layerNorm(LayerNorm norm) {
      return automatic();
    }

    @Override
    public Lines splitHeads(SplitHeads split) {
      sums.add(node.input(), flatten(g, -2, -1), sums.passedOn(node.output()));
      return lines;
    }

    @Override
    public Lines mergeHeads(MergeHeads merge) {
      var heads = unflatten(g, -1, List.of(-1, width(node.input())));
      sums.add(node.input(), heads, sums.passedOn(node.output()));
      return lines;
    }

    @Override
    public Lines rotary(Rotary rotary) {
      int n = rotary.table().pairs();
      int place = tables.rotary(rotary.table());
      boolean whole = width(node.output()) == 2 * n;
      var r = lines.let(g.part("r"), whole ? g : slice(g, -1, 0, 2 * n)); // (B, T, heads, 2n)
      var other = lines.let(g.part("o"), roll(mul(r, tables.at(place + 1)), n));
      var turned = lines.let(g.part("t"), addcmul(other, r, tables.at(place)));
      return input(whole ? turned : cat(List.of(turned, slice(g, -1, 2 * n)), -1));
    }

    @Override
    public Lines attention(Attention attention) {
      return automatic();
    }

    @Override
    public Lines part(Part part) {
      var all = sums.whole(node.input(), g, width(node.input()));
      int start = OperatorText.start(graph, node, part);
      int end = start + width(node.output());
      lines.spare(addInPlace(slice(all, -1, start, end), g));
      return lines;
    }
  }
}
