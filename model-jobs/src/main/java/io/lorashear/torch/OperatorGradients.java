package io.lorashear.torch;

import io.lorashear.graph.Activation;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Operator.Activate;
import io.lorashear.graph.Operator.Add;
import io.lorashear.graph.Operator.Dispatch;
import io.lorashear.graph.Operator.Layout;
import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Operator.MergeHeads;
import io.lorashear.graph.Operator.Multiply;
import io.lorashear.graph.Operator.Part;
import io.lorashear.graph.Operator.RmsNorm;
import io.lorashear.graph.Operator.RootScale;
import io.lorashear.graph.Operator.Rotary;
import io.lorashear.graph.Operator.Scale;
import io.lorashear.graph.Operator.SplitHeads;
import io.lorashear.graph.Value;
import io.lorashear.torch.ComposedLinears.Composed;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The gradients of one block as TorchScript, operator by operator from the last to the first. With
 * g the gradient of what an operator gives:
 *
 * <pre>
 *   y = W x + b             ∂x += Wᵀ g     ∂W += g xᵀ     ∂b += g
 *   y = W x + b + s·B(A x)  h = A x:  ∂h = s·Bᵀ g,  ∂B += s·g hᵀ,  ∂A += ∂h xᵀ,  ∂x += Wᵀ g + Aᵀ ∂h
 *                           with x∘m for x beside A:              ∂A += ∂h (x∘m)ᵀ,  ∂x += Wᵀ g + m∘(Aᵀ ∂h)
 *   y = a ∘ b               ∂a += g ∘ b     ∂b += g ∘ a
 *   y = x·r ∘ v             r = 1/√(Σx²/N + ε), v = offset + w:  ∂x += r·(g∘v) − x·(r³/N)·⟨g∘v, x⟩
 *   y = x∘c + roll(x)∘s     ∂x += g∘c + roll(g∘s)
 * </pre>
 *
 * Products are added to what is there already in the same call, and nothing is kept but what stands
 * on a right side. Other operators run with autograd, each alone: their inputs are its leaves.
 */
final class OperatorGradients {
  private final ModelGraph graph;
  private final Tables tables;
  private final Precision precision;
  private final Set<String> learning;
  private final Set<Value> hanging;
  private final Map<Value, String> names;
  private final Function<String, String> weight;
  private final Function<String, String> place;
  private final Map<Value, Hold> holds = new HashMap<>();
  private final Map<String, Integer> kept = new LinkedHashMap<>();
  private final StringBuilder lines = new StringBuilder();

  /**
   * Of a block whose values have these names.
   *
   * @param learning names of the weights that learn
   * @param hanging values that a change of those would change
   * @param weight how a weight is written, frozen
   * @param place how a weight is written as it learns
   */
  OperatorGradients(
      ModelGraph graph,
      Tables tables,
      Precision precision,
      Set<String> learning,
      Set<Value> hanging,
      Map<Value, String> names,
      Function<String, String> weight,
      Function<String, String> place) {
    this.graph = graph;
    this.tables = tables;
    this.precision = precision;
    this.learning = learning;
    this.hanging = hanging;
    this.names = names;
    this.weight = weight;
    this.place = place;
  }

  /** Whether a node's gradient is left to autograd. */
  static boolean isAutomatic(Node node) {
    var operator = node.operator();
    return !(operator instanceof Linear
        || operator instanceof Add
        || operator instanceof Multiply
        || operator instanceof Scale
        || operator instanceof RootScale
        || operator instanceof Activate
        || operator instanceof RmsNorm
        || operator instanceof Rotary
        || operator instanceof SplitHeads
        || operator instanceof MergeHeads
        || operator instanceof Part);
  }

  /**
   * Which inputs of {@code node} have a gradient: all that hang but routes that only choose rows.
   */
  static boolean hasGradient(Node node, int input, Set<Value> hanging) {
    boolean chooses = node.operator() instanceof Dispatch && input == 1;
    return hanging.contains(node.inputs().get(input)) && !chooses;
  }

  /** What must be kept of the forward pass, in the order of the list {@code s}. */
  List<String> kept() {
    return List.copyOf(kept.keySet());
  }

  /** The lines written so far. */
  @Override
  public String toString() {
    return lines.toString();
  }

  /** Begins with what the block gives; gradients are in the list {@code g}. */
  void outputs(List<Value> outputs) {
    for (int i = 0; i < outputs.size(); i++) {
      keep(name(outputs.get(i)));
      if (hanging.contains(outputs.get(i))) {
        line("%s = g[%d]", gradient(outputs.get(i)), i);
        holds.put(outputs.get(i), Hold.SHARED);
      }
    }
  }

  /** The gradients of the block's inputs as a list; of those that do not hang, nothing. */
  String inputs(List<Value> inputs) {
    var each =
        inputs.stream()
            .map(x -> holds.containsKey(x) ? gradient(x) : "torch.zeros([0], device=g[0].device)");
    return "[" + String.join(", ", each.toList()) + "]";
  }

  /** Writes what {@code node} does to gradients. */
  void write(Node node) {
    if (!holds.containsKey(node.output())) {
      return; // nobody asks
    }
    var operator = node.operator();
    var g = gradient(node.output());
    if (isAutomatic(node)) {
      automatic(node, g);
    } else if (operator instanceof Linear linear) {
      linear(node, linear, g);
    } else if (operator instanceof Add) {
      boolean both = node.inputs().stream().allMatch(hanging::contains);
      node.inputs().forEach(x -> add(x, g, both ? Hold.SHARED : hold(node)));
    } else if (operator instanceof Multiply) {
      multiply(node, g);
    } else if (operator instanceof Scale scale) {
      add(node.input(), "torch.mul(" + g + ", " + scale.factor() + ")", Hold.OWNED);
    } else if (operator instanceof RootScale) {
      add(
          node.input(),
          "torch.mul(%s, %s)".formatted(g, Math.sqrt(width(node.output()))),
          Hold.OWNED);
    } else if (operator instanceof Activate activate) {
      activate(node, activate.function(), g);
    } else if (operator instanceof RmsNorm norm) {
      norm(node, norm, g);
    } else if (operator instanceof Rotary rotary) {
      rotary(node, rotary, g);
    } else if (operator instanceof SplitHeads) {
      add(node.input(), "torch.flatten(" + g + ", -2, -1)", hold(node));
    } else if (operator instanceof MergeHeads) {
      add(
          node.input(),
          "torch.unflatten(%s, -1, [-1, %d])".formatted(g, width(node.input())),
          hold(node));
    } else if (operator instanceof Part part) {
      part(node, part, g);
    }
  }

  private void automatic(Node node, String g) {
    var y = name(node.output());
    line("torch.backward(%s, %s)", keep(y + "_k"), g);
    for (int i = 0; i < node.inputs().size(); i++) {
      if (hasGradient(node, i, hanging)) {
        add(node.inputs().get(i), keep(y + "_a" + i) + ".grad", Hold.SHARED);
      }
    }
  }

  private void linear(Node node, Linear linear, String g) {
    line("%s_2 = torch.flatten(%1$s, 0, -2)", g); // (B·T, out)
    own(linear, g, () -> "torch.flatten(" + keep(name(node.input())) + ", 0, -2)");
    product(node.input(), g, g + "_2", inOut(linear));
  }

  /** ∂W and ∂b, from gradients of y and from x as (B·T, …). */
  private void own(Linear linear, String g, Supplier<String> x) {
    if (learning.contains(linear.weight())) {
      boolean rows = linear.layout() == Layout.OUT_IN;
      var input = x.get();
      accumulate(linear.weight(), rows ? g + "_2" : input, rows ? input : g + "_2", 1);
    }
    if (linear.bias() != null && learning.contains(linear.bias())) {
      accumulateRows(linear.bias(), g + "_2");
    }
  }

  /** W as (out, in). */
  private String inOut(Linear linear) {
    var w = weight.apply(linear.weight());
    return linear.layout() == Layout.OUT_IN ? w : "torch.t(" + w + ")";
  }

  /** Writes what a linear with its pair does to gradients, where something may be left out. */
  void composed(Composed lora, boolean dropout) {
    if (!holds.containsKey(lora.sum().output())) {
      return;
    }
    var y = name(lora.sum().output());
    var g = gradient(lora.sum().output());
    var plain = lora.plain();
    line("%s_2 = torch.flatten(%1$s, 0, -2)", g); // (B·T, out)
    own(plain, g, () -> keep(y + "_x"));
    if (learning.contains(lora.b().weight())) {
      accumulate(lora.b().weight(), g + "_2", keep(y + "_h"), lora.scale());
    }
    boolean first = learning.contains(lora.a().weight());
    if (first || hanging.contains(lora.input())) {
      var b = weight.apply(lora.b().weight()); // (out, rank)
      line("%s_h = torch.mul_(torch.mm(%1$s_2, %s), %s)", g, b, lora.scale()); // (B·T, rank)
    }
    if (first) {
      accumulate(lora.a().weight(), g + "_h", keep(y + (dropout ? "_d" : "_x")), 1);
    }
    product(lora.input(), g, g + "_2", inOut(plain));
    var a = weight.apply(lora.a().weight()); // (rank, in)
    if (!dropout) {
      product(lora.input(), g, g + "_h", a);
    } else if (hanging.contains(lora.input())) {
      var left = "torch.mul(torch.mm(%s_h, %s), %s)".formatted(g, a, keep(y + "_m")); // (B·T, in)
      var shaped = "torch.view(%s, torch.size(%s)[:-1] + [-1])".formatted(left, g);
      add(lora.input(), shaped, Hold.OWNED);
    }
  }

  /** {@code ∂w += Σ over the rows of x}: the gradient may be on another device. */
  private void accumulateRows(String name, String x) {
    var w = place.apply(name);
    var sum =
        precision == Precision.FLOAT32
            ? "torch.sum(" + x + ", [0])"
            : "torch.to(torch.sum(" + x + ", [0], False, dtype=6), " + w + ".grad)";
    line("k = torch.add_(%s.grad, %s)", w, sum);
  }

  /** {@code ∂w += factor · leftᵀ · right}. */
  private void accumulate(String name, String left, String right, double factor) {
    var w = place.apply(name);
    if (precision == Precision.FLOAT32) {
      line("k = torch.addmm_(%s.grad, torch.t(%s), %s, beta=1, alpha=%s)", w, left, right, factor);
    } else {
      line("k = torch.to(torch.mm(torch.t(%s), %s), %s.grad)", left, right, w);
      line("k = torch.add_(%s.grad, k, alpha=%s)", w, factor);
    }
  }

  /** {@code ∂x += left · right}, rows of which stand as those of {@code like} do. */
  private void product(Value x, String like, String left, String right) {
    if (!hanging.contains(x)) {
      return;
    }
    var g = gradient(x);
    if (holds.get(x) == Hold.WHOLE) {
      line("k = torch.addmm_(torch.view(%s, [-1, torch.size(%1$s, -1)]), %s, %s)", g, left, right);
      return;
    }
    line(
        "k = %s",
        !holds.containsKey(x)
            ? "torch.mm(" + left + ", " + right + ")"
            : "torch.addmm(torch.flatten(" + g + ", 0, -2), " + left + ", " + right + ")");
    line("%s = torch.view(k, torch.size(%s)[:-1] + [torch.size(k, 1)])", g, like);
    holds.put(x, Hold.WHOLE);
  }

  private void multiply(Node node, String g) {
    var a = node.inputs().get(0);
    var b = node.inputs().get(1);
    if (hanging.contains(b)) {
      add(b, "torch.mul(" + g + ", " + keep(name(a)) + ")", Hold.OWNED);
    }
    if (hanging.contains(a)) {
      boolean free = hold(node) != Hold.SHARED;
      add(a, (free ? "torch.mul_(" : "torch.mul(") + g + ", " + keep(name(b)) + ")", Hold.OWNED);
    }
  }

  private void activate(Node node, Activation function, String g) {
    boolean result = function == Activation.TANH || function == Activation.SIGMOID;
    var read = keep(name(result ? node.output() : node.input()));
    add(node.input(), OperatorText.slope(function).formatted(g, read), Hold.OWNED);
  }

  private void norm(Node node, RmsNorm norm, String g) {
    var y = name(node.output());
    var r = keep(y + "_r"); // (…, 1)
    var w = weight.apply(norm.weight());
    line("%s_f = %s", g, precision.wide(g));
    line("%s_x = %s", g, precision.wide(keep(name(node.input()))));
    if (learning.contains(norm.weight())) {
      line("k = torch.flatten(torch.mul(torch.mul(%s_f, %1$s_x), %s), 0, -2)", g, r);
      accumulateRows(norm.weight(), "k");
    }
    if (!hanging.contains(node.input())) {
      return;
    }
    var v = norm.offset() == 0 ? w : "torch.add(" + w + ", " + norm.offset() + ")";
    line("%s_v = torch.mul(%1$s_f, %s)", g, v); // g∘v
    line("%s_s = torch.sum(torch.mul(%1$s_v, %1$s_x), [-1], True)", g); // (…, 1)
    line("%s_c = torch.mul(torch.mul(torch.pow(%s, 3), %1$s_s), %s)", g, r, -1.0 / norm.divisor());
    boolean fused = precision == Precision.FLOAT32 && holds.containsKey(node.input());
    line(
        "%s_d = %s",
        g,
        fused
            ? "torch.addcmul(%s, %s_v, %s)".formatted(gradient(node.input()), g, r)
            : "torch.mul_(%s_v, %s)".formatted(g, r));
    line("%s_d = torch.addcmul_(%1$s_d, %1$s_x, %1$s_c)", g);
    if (fused) {
      holds.remove(node.input());
    }
    add(node.input(), precision.narrow(g + "_d"), Hold.OWNED);
  }

  private void rotary(Node node, Rotary rotary, String g) {
    int n = rotary.table().pairs();
    int place = tables.rotary(rotary.table());
    boolean whole = width(node.output()) == 2 * n;
    line("%s_r = %s", g, whole ? g : "torch.slice(" + g + ", -1, 0, " + 2 * n + ")");
    line("%s_o = torch.roll(torch.mul(%1$s_r, t[%d]), [%d], [-1])", g, place + 1, n);
    line("%s_t = torch.addcmul(%1$s_o, %1$s_r, t[%d])", g, place); // (B, T, heads, 2n)
    var rest = "torch.cat([%s_t, torch.slice(%1$s, -1, %d)], -1)".formatted(g, 2 * n);
    add(node.input(), whole ? g + "_t" : rest, Hold.OWNED);
  }

  private void part(Node node, Part part, String g) {
    var x = node.input();
    var all = gradient(x);
    if (!holds.containsKey(x)) {
      line("%s = torch.new_zeros(%s, torch.size(%2$s)[:-1] + [%d])", all, g, width(x));
    } else if (holds.get(x) == Hold.SHARED) {
      line("%s = torch.clone(%1$s)", all);
    }
    holds.put(x, Hold.OWNED);
    int start = OperatorText.start(graph, node, part);
    int end = start + width(node.output());
    line("k = torch.add_(torch.slice(%s, -1, %d, %d), %s)", all, start, end, g);
  }

  /** Adds to the gradient of {@code x}, where it is asked for. */
  private void add(Value x, String expression, Hold hold) {
    if (!hanging.contains(x)) {
      return;
    }
    var g = gradient(x);
    var before = holds.get(x);
    if (before == null) {
      line("%s = %s", g, expression);
      holds.put(x, hold);
    } else if (before == Hold.SHARED) {
      line("%s = torch.add(%1$s, %s)", g, expression);
      holds.put(x, Hold.OWNED);
    } else {
      line("%s = torch.add_(%1$s, %s)", g, expression);
    }
  }

  private Hold hold(Node node) {
    return holds.get(node.output()) == Hold.SHARED ? Hold.SHARED : Hold.OWNED;
  }

  private String keep(String name) {
    kept.putIfAbsent(name, kept.size());
    return "s[" + kept.get(name) + "]";
  }

  private String name(Value value) {
    return Objects.requireNonNull(names.get(value));
  }

  private String gradient(Value value) {
    return "g" + name(value);
  }

  private int width(Value value) {
    var shape = graph.shape(value);
    return shape.get(shape.size() - 1).size();
  }

  private void line(String format, Object... values) {
    lines.append("    ").append(String.format(format, values)).append('\n');
  }
}
