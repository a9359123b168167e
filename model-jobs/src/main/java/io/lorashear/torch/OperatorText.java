package io.lorashear.torch;

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
import io.lorashear.graph.Value;
import io.lorashear.torch.ComposedLinears.Composed;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Each operator as TorchScript. Feature sizes never stand in the text where pruning could change
 * them: they come from the tensors when the text runs.
 */
final class OperatorText {
  private final ModelGraph graph;
  private final Tables tables;
  private final Arrangement arrangement;
  private final Precision precision;
  private final Set<Value> spare;
  private final double dropout;
  private int pairs;
  private int remembered;
  private final StringBuilder lines = new StringBuilder();

  /**
   * Nothing written yet.
   *
   * @param spare values that may be written over by what reads them
   * @param dropout share of what goes into a LoRA pair that is left out
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
    this.arrangement = arrangement;
    this.precision = precision;
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
   * @param x names of the inputs
   * @param w names of the parameters
   * @param y name of the output
   */
  void write(Node node, List<String> x, List<String> w, String y) {
    var operator = node.operator();
    if (operator instanceof Attention attention) {
      attention(attention, x, y);
    } else if (operator instanceof Rotary rotary) {
      rotary(node, rotary, x.get(0), y);
    } else if (operator instanceof Part part) {
      int start = start(graph, node, part);
      int end = start + width(node);
      line("%s = %s", y, call("torch.slice", x.get(0), -1, start, end));
    } else if (operator instanceof PositionEmbedding) {
      var rows =
          call("torch.embedding", w.get(0), "t[" + tables.positions() + "]"); // (…, T, features)
      var each = tables.packed() ? rows : call("torch.unsqueeze", rows, 0);
      line("%s = torch.expand(%s, [torch.size(%s, 0), -1, -1])", y, each, x.get(0));
    } else if (operator instanceof Route route) {
      route(route, x.get(0), w.get(0), y);
    } else if (operator instanceof Dispatch dispatch) {
      routed(x.get(1), dispatch.expert(), y);
      line("%s = torch.index_select(torch.flatten(%s, 0, 1), 0, %1$s_p)", y, x.get(0)); // (rows, n)
    } else if (operator instanceof Collect collect) {
      collect(x.get(0), x.get(1), collect.expert(), y);
    } else if (operator instanceof RmsNorm norm) {
      rmsNorm(norm, x.get(0), w.get(0), y);
    } else if (operator instanceof LayerNorm norm) {
      line("%s_f = %s", y, precision.wide(x.get(0)));
      line("%s = %s", y, precision.narrow(layerNorm(norm, y + "_f", w)));
    } else if (operator instanceof RootScale) {
      line("%s = %s", y, call("torch.mul", x.get(0), Math.sqrt(width(node))));
    } else {
      line("%s = %s", y, expression(node, x, w));
    }
  }

  private String expression(Node node, List<String> x, List<String> w) {
    var operator = node.operator();
    var first = x.get(0);
    if (operator instanceof Embedding) {
      return call("torch.embedding", w.get(0), first);
    } else if (operator instanceof Linear linear) {
      return linear(linear, first, w);
    } else if (operator instanceof Add) {
      return both("torch.add", node, x);
    } else if (operator instanceof Multiply) {
      return both("torch.mul", node, x);
    } else if (operator instanceof Scale scale) {
      return call("torch.mul", first, scale.factor());
    } else if (operator instanceof Activate activate) {
      return activation(activate.function(), isSpare(node, 0) ? "_" : "", first);
    } else if (operator instanceof SplitHeads split) {
      return call("torch.unflatten", first, -1, List.of(-1, split.headDimension()));
    } else if (operator instanceof MergeHeads) {
      return call("torch.flatten", first, -2, -1);
    }
    throw new IllegalArgumentException("no TorchScript for " + operator);
  }

  /** Where a part starts: after all that the parts before it take. */
  static int start(ModelGraph graph, Node node, Part part) {
    return graph.nodes().stream()
        .filter(other -> other.inputs().equals(node.inputs()))
        .filter(other -> other.operator() instanceof Part p && p.index() < part.index())
        .mapToInt(other -> width(graph, other))
        .sum();
  }

  private int width(Node node) {
    return width(graph, node);
  }

  private static int width(ModelGraph graph, Node node) {
    var shape = graph.shape(node.output());
    return shape.get(shape.size() - 1).size();
  }

  private static String linear(Linear linear, String x, List<String> w) {
    var weight = linear.layout() == Layout.OUT_IN ? w.get(0) : call("torch.t", w.get(0));
    return linear.bias() == null
        ? call("torch.linear", x, weight)
        : call("torch.linear", x, weight, w.get(1));
  }

  /** Writes a linear with its pair; {@code w} names the parameters. */
  void composed(Composed lora, String x, Function<String, String> w, String y) {
    var plain = lora.plain();
    line("%s_x = torch.flatten(%s, 0, -2)", y, x); // (B·T, in)
    if (dropout > 0) {
      line("%s_m = self.dropped(%1$s_x, t[-1], %d)", y, pairs++); // (B·T, in)
      line("%s_d = torch.mul(%1$s_x, %1$s_m)", y); // (B·T, in)
    }
    var read = dropout > 0 ? y + "_d" : y + "_x";
    line("%s_h = torch.mm(%s, torch.t(%s))", y, read, w.apply(lora.a().weight())); // (B·T, rank)
    var name = w.apply(plain.weight());
    var weight = plain.layout() == Layout.OUT_IN ? call("torch.t", name) : name; // (in, out)
    line(
        "%s_y = %s",
        y,
        plain.bias() == null
            ? call("torch.mm", y + "_x", weight)
            : call("torch.addmm", w.apply(plain.bias()), y + "_x", weight)); // (B·T, out)
    var b = call("torch.t", w.apply(lora.b().weight())); // (rank, out)
    line("%s_s = torch.addmm_(%1$s_y, %1$s_h, %s, beta=1, alpha=%s)", y, b, lora.scale());
    line("%s = torch.view(%1$s_s, torch.size(%s)[:-1] + [torch.size(%1$s_s, 1)])", y, x);
  }

  private static String activation(Activation function, String place, String x) {
    return switch (function) {
      case SILU -> call("torch.silu" + place, x);
      case GELU -> call("torch.gelu" + place, x);
      case GELU_TANH -> "torch.gelu" + place + "(" + x + ", approximate=\"tanh\")";
      case RELU -> call("torch.relu" + place, x);
      case TANH -> call("torch.tanh" + place, x);
      case SIGMOID -> call("torch.sigmoid" + place, x);
    };
  }

  /** A function of two values that may change places. */
  private String both(String function, Node node, List<String> x) {
    if (isSpare(node, 0)) {
      return call(function + "_", x.get(0), x.get(1));
    }
    return isSpare(node, 1)
        ? call(function + "_", x.get(1), x.get(0))
        : call(function, x.get(0), x.get(1));
  }

  /** Whether what {@code node} gives may lie where that input lay. */
  private boolean isSpare(Node node, int input) {
    var x = node.inputs().get(input);
    return spare.contains(x) && graph.shape(x).equals(graph.shape(node.output()));
  }

  private void rmsNorm(RmsNorm norm, String x, String w, String y) {
    line("%s_f = %s", y, precision.wide(x));
    line("%s_l = torch.linalg_vector_norm(%1$s_f, 2, [-1], True)", y); // (…, 1)
    line("%s_m = torch.div(torch.square(%1$s_l), %s)", y, (double) norm.divisor());
    line("%s_r = torch.rsqrt(torch.add(%1$s_m, %s))", y, norm.epsilon());
    var factor = norm.offset() == 0 ? w : call("torch.add", w, norm.offset());
    var unit = call("torch.mul", y + "_f", y + "_r");
    line("%s = %s", y, precision.narrow(call("torch.mul_", unit, factor)));
  }

  /** Writes {@code y} as a leaf of autograd's with the numbers of {@code x}. */
  void leaf(String y, String x) {
    line("%s = torch.requires_grad_(torch.detach(%s))", y, x);
  }

  /** Writes {@code y} as what autograd does not follow of {@code x}. */
  void frozen(String y, String x) {
    line("%s = torch.detach(%s)", y, x);
  }

  private static String layerNorm(LayerNorm norm, String x, List<String> w) {
    var shape = "[torch.size(" + x + ", -1)]";
    var bias = norm.bias() == null ? "None" : w.get(1);
    return call("torch.layer_norm", x, shape, w.get(0), bias, norm.epsilon());
  }

  private void route(Route route, String x, String w, String y) {
    line("%s_n = torch.eq(torch.sum(torch.abs(%s), [1]), 0.)", y, w); // (experts)
    line("%s_z = torch.masked_fill(%s, %1$s_n, -inf)", y, precision.wide(x)); // (B, T, experts)
    line("%s_v, %1$s_i, = torch.topk(%1$s_z, %d)", y, route.k()); // (B, T, k)
    if (route.normed()) {
      line("%s_v = torch.softmax(%1$s_v, -1)", y); // (B, T, k)
    } else {
      line("%s_v = torch.gather(torch.softmax(%1$s_z, -1), -1, %1$s_i)", y); // (B, T, k)
    }
    line("%s = torch.scatter(torch.zeros_like(%1$s_z), -1, %1$s_i, %1$s_v)", y);
  }

  /** Weights of all rows for one expert, and which rows go there. */
  private void routed(String routes, int expert, String y) {
    line("%s_r = torch.flatten(torch.select(%s, -1, %d))", y, routes, expert); // (B·T)
    line("%s_p = torch.view(torch.nonzero(torch.gt(%1$s_r, 0.)), [-1])", y); // (rows)
  }

  private void collect(String x, String routes, int expert, String y) {
    routed(routes, expert, y);
    line("%s_w = torch.unsqueeze(torch.index_select(%1$s_r, 0, %1$s_p), 1)", y); // (rows, 1)
    line("%s_s = [torch.numel(%1$s_r), torch.size(%s, -1)]", y, x);
    line("%s_0 = torch.zeros(%1$s_s, dtype=6, device=%s.device)", y, x); // (B·T, n)
    line("%s_m = torch.mul(%s, %1$s_w)", y, x); // (rows, n), float32 as the weights are
    line("%s_1 = torch.index_add(%1$s_0, 0, %1$s_p, %1$s_m)", y); // (B·T, n)
    line("%s_1 = %s", y, precision.narrow(y + "_1"));
    line("%s = torch.unflatten(%1$s_1, 0, [torch.size(%s, 0), torch.size(%2$s, 1)])", y, routes);
  }

  /**
   * {@code (a, b) → (a·cos − b·sin, b·cos + a·sin)} for the two halves of the rotary numbers, as
   * {@code (a, b)·(cos, cos) + (b, a)·(−sin, sin)}.
   */
  private void rotary(Node node, Rotary rotary, String x, String y) {
    int n = rotary.table().pairs();
    int place = tables.rotary(rotary.table());
    boolean whole = width(node) == 2 * n;
    line("%s_r = %s", y, whole ? x : call("torch.slice", x, -1, 0, 2 * n)); // (B, T, heads, 2n)
    line("%s_o = torch.mul_(torch.roll(%1$s_r, [%d], [-1]), t[%d])", y, n, place + 1);
    line("%s_t = torch.addcmul_(%1$s_o, %1$s_r, t[%d])", y, place);
    line(
        "%s = %s",
        y,
        whole ? y + "_t" : "torch.cat([%s_t, torch.slice(%s, -1, %d)], -1)".formatted(y, x, 2 * n));
  }

  private void attention(Attention attention, List<String> x, String y) {
    var k = remember(attention, x.get(1));
    var v = remember(attention, x.get(2));
    int mask = tables.mask(attention);
    if (attention.softCap() != null) {
      cappedAttention(attention, attention.softCap(), mask, List.of(x.get(0), k, v), y);
      return;
    }
    var method = precision == Precision.FLOAT32 ? "self.attend" : "self.fused";
    var seen = mask < 0 ? "annotate(List[Tensor], [])" : "[t[" + mask + "]]";
    line("%s = %s", y, call(method, x.get(0), k, v, attention.scale(), seen));
  }

  /** Puts keys or values behind those of earlier calls; keeps what later tokens may look at. */
  private String remember(Attention attention, String x) {
    if (arrangement != Arrangement.CONTINUED) {
      return x;
    }
    var window = attention.window();
    var place = "c, o + " + remembered++ + ", " + x + ", past";
    var all = window == null ? call("self.kept", place) : call("self.shown", place, window - 1);
    line("%s_all = %s", x, all); // (B, keys, heads, headDim)
    return x + "_all";
  }

  /** Every key-value head is repeated for the query heads of its group. */
  private void cappedAttention(
      Attention attention, double cap, int mask, List<String> x, String y) {
    line("%s_g = torch.floordiv(torch.size(%s, 2), torch.size(%s, 2))", y, x.get(0), x.get(1));
    line("%s_q = torch.transpose(%s, 1, 2)", y, x.get(0)); // (B, heads, T, headDim)
    for (var side : List.of("k", "v")) {
      var source = x.get(side.equals("k") ? 1 : 2);
      line(
          "%s_%s = torch.expand(torch.unsqueeze(%s, 3), [-1, -1, -1, %1$s_g, -1])",
          y, side, source);
      line("%s_%s = torch.transpose(torch.flatten(%1$s_%2$s, 2, 3), 1, 2)", y, side);
    }
    line("%s_s = torch.matmul(%1$s_q, torch.transpose(%1$s_k, 2, 3))", y); // (B, heads, T, T)
    line(
        "%s_s = torch.mul(torch.tanh(torch.mul(%1$s_s, %s)), %s)", y, attention.scale() / cap, cap);
    line("%s_s = torch.masked_fill(%1$s_s, torch.logical_not(t[%d]), -inf)", y, mask);
    line("%s_s = %s", y, precision.narrow("torch.softmax(" + y + "_s, -1, 6)"));
    line("%s_o = torch.matmul(%1$s_s, %1$s_v)", y); // (B, heads, T, headDim)
    line("%s = torch.transpose(%1$s_o, 1, 2)", y); // (B, T, heads, headDim)
  }

  private void line(String format, Object... values) {
    lines.append("    ").append(String.format(format, values)).append('\n');
  }

  private static String call(String function, Object... arguments) {
    var text = new StringBuilder(function).append('(');
    for (int i = 0; i < arguments.length; i++) {
      text.append(i == 0 ? "" : ", ").append(arguments[i]);
    }
    return text.append(')').toString();
  }

  /**
   * What a gradient becomes behind an activation, of the gradient and of x, or of y where it says
   * so.
   */
  static String slope(Activation function) {
    return switch (function) {
      case SILU -> "torch.silu_backward(%s, %s)";
      case GELU -> "torch.gelu_backward(%s, %s, approximate=\"none\")";
      case GELU_TANH -> "torch.gelu_backward(%s, %s, approximate=\"tanh\")";
      case RELU -> "torch.threshold_backward(%s, %s, 0)";
      case TANH -> "torch.tanh_backward(%s, %s)"; // of y
      case SIGMOID -> "torch.sigmoid_backward(%s, %s)"; // of y
    };
  }
}
