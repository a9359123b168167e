package io.lorashear.graph;

import static io.lorashear.graph.PlainRows.each;
import static io.lorashear.graph.PlainRows.map;
import static io.lorashear.graph.PlainRows.rows;
import static io.lorashear.graph.PlainRows.transposed;
import static io.lorashear.graph.PlainRows.zip;

import io.lorashear.checkpoint.TensorSource;
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
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Another road to a graph's logits: plain loops over double arrays, one sequence, without any
 * native library. Slow and obvious on purpose; a value is (T, features), heads laid out one after
 * the other.
 */
public final class ReferenceForward {
  private final ModelGraph graph;
  private final TensorSource tensors;
  private final Map<Value, double[][]> values = new HashMap<>();

  private ReferenceForward(ModelGraph graph, TensorSource tensors) {
    this.graph = graph;
    this.tensors = tensors;
  }

  /** Logits (T, vocabulary) of one sequence. */
  public static double[][] logits(ModelGraph graph, TensorSource tensors, int... ids) {
    var forward = new ReferenceForward(graph, tensors);
    for (var node : graph.nodes()) {
      forward.values.put(node.output(), node.operator().read(forward.new Computed(node, ids)));
    }
    return forward.value(graph.logits());
  }

  /** What an operator gives. */
  private final class Computed implements Reading<double[][]> {
    private final Node node;
    private final int[] ids;

    Computed(Node node, int[] ids) {
      this.node = node;
      this.ids = ids;
    }

    private double[][] x() {
      return value(node.input());
    }

    private double[][] y() {
      return value(node.inputs().get(1));
    }

    @Override
    public double[][] embedding(Embedding embedding) {
      var table = matrix(embedding.table());
      return IntStream.of(ids).mapToObj(id -> table[id].clone()).toArray(double[][]::new);
    }

    @Override
    public double[][] positionEmbedding(PositionEmbedding embedding) {
      var table = matrix(embedding.table());
      return IntStream.range(0, ids.length).mapToObj(t -> table[t]).toArray(double[][]::new);
    }

    @Override
    public double[][] linear(Linear linear) {
      return ReferenceForward.this.linear(x(), linear);
    }

    @Override
    public double[][] maskedLinear(MaskedLinear masked) {
      var straight = ReferenceForward.this.linear(x(), masked.linear());
      return zip(straight, rows(x(), row -> learnt(masked, row)), (a, b) -> a + b);
    }

    @Override
    public double[][] add(Add add) {
      return zip(x(), y(), (a, b) -> a + b);
    }

    @Override
    public double[][] multiply(Multiply multiply) {
      return zip(x(), y(), (a, b) -> a * b);
    }

    @Override
    public double[][] scale(Scale scale) {
      return map(x(), a -> a * scale.factor());
    }

    @Override
    public double[][] rootScale(RootScale scale) {
      return map(x(), a -> a * Math.sqrt(width(node.output())));
    }

    @Override
    public double[][] route(Route route) {
      return rows(x(), row -> routed(row, route));
    }

    @Override
    public double[][] dispatch(Dispatch dispatch) {
      return x(); // all rows: those that are not sent have a weight of zero
    }

    @Override
    public double[][] collect(Collect collect) {
      return IntStream.range(0, x().length)
          .mapToObj(t -> scaled(x()[t], y()[t][collect.expert()]))
          .toArray(double[][]::new);
    }

    @Override
    public double[][] activate(Activate activate) {
      return map(x(), function(activate.function()));
    }

    @Override
    public double[][] rmsNorm(RmsNorm norm) {
      return each(x(), width(node.output()), head -> ReferenceForward.this.rmsNorm(head, norm));
    }

    @Override
    public double[][] layerNorm(LayerNorm norm) {
      return ReferenceForward.this.layerNorm(x(), norm);
    }

    @Override
    public double[][] splitHeads(SplitHeads split) {
      return x();
    }

    @Override
    public double[][] mergeHeads(MergeHeads merge) {
      return x();
    }

    @Override
    public double[][] rotary(Rotary rotary) {
      return ReferenceForward.this.rotary(x(), rotary, width(node.output()));
    }

    @Override
    public double[][] attention(Attention attention) {
      return ReferenceForward.this.attention(node, attention);
    }

    @Override
    public double[][] part(Part part) {
      int offset = offset(node, part);
      int end = offset + width(node.output());
      return each(x(), width(node.input()), head -> Arrays.copyOfRange(head, offset, end));
    }
  }

  /** Where a part starts now: what the parts before it take. */
  private int offset(Node node, Part part) {
    return graph.nodes().stream()
        .filter(n -> n.input().equals(node.input()))
        .filter(n -> Sought.PART.of(n).filter(p -> p.index() < part.index()).isPresent())
        .mapToInt(n -> width(n.output()))
        .sum();
  }

  private double[][] linear(double[][] x, Linear linear) {
    var stored = matrix(linear.weight());
    var w = linear.layout() == Layout.OUT_IN ? stored : transposed(stored);
    double @Nullable [] bias = linear.bias() == null ? null : vector(linear.bias());
    return rows(
        x,
        row -> {
          var y = bias == null ? new double[w.length] : bias.clone();
          for (int o = 0; o < w.length; o++) {
            for (int i = 0; i < row.length; i++) {
              y[o] += w[o][i] * row[i];
            }
          }
          return y;
        });
  }

  /** {@code s·(B A)∘[W ≠ 0] x} of one row. */
  private double[] learnt(MaskedLinear masked, double[] x) {
    boolean outIn = masked.linear().layout() == Layout.OUT_IN;
    var w = matrix(masked.linear().weight());
    var a = matrix(masked.a());
    var b = matrix(masked.b());
    var y = new double[b.length];
    for (int o = 0; o < y.length; o++) {
      for (int i = 0; i < x.length; i++) {
        for (int r = 0; r < a.length && (outIn ? w[o][i] : w[i][o]) != 0; r++) {
          y[o] += masked.scale() * b[o][r] * a[r][i] * x[i];
        }
      }
    }
    return y;
  }

  private double[] rmsNorm(double[] x, RmsNorm norm) {
    var w = vector(norm.weight());
    double squares = Arrays.stream(x).map(a -> a * a).sum();
    double root = Math.sqrt(squares / norm.divisor() + norm.epsilon());
    return IntStream.range(0, x.length)
        .mapToDouble(i -> x[i] / root * (norm.offset() + w[i]))
        .toArray();
  }

  private double[][] layerNorm(double[][] x, LayerNorm norm) {
    var w = vector(norm.weight());
    var b = norm.bias() == null ? new double[w.length] : vector(norm.bias());
    return rows(
        x,
        row -> {
          double mean = Arrays.stream(row).average().orElseThrow();
          double variance =
              Arrays.stream(row).map(a -> (a - mean) * (a - mean)).average().orElseThrow();
          var y = new double[row.length];
          for (int i = 0; i < y.length; i++) {
            y[i] = (row[i] - mean) / Math.sqrt(variance + norm.epsilon()) * w[i] + b[i];
          }
          return y;
        });
  }

  /** Every expert computes every row here; where the route's weight is 0 nothing is left of it. */
  private double[] routed(double[] z, Route route) {
    var w = matrix(route.weight());
    var logits = new double[w.length];
    for (int e = 0; e < w.length; e++) {
      logits[e] = Arrays.stream(w[e]).allMatch(a -> a == 0) ? Double.NEGATIVE_INFINITY : z[e];
    }
    double least = Arrays.stream(logits).sorted().toArray()[logits.length - route.k()];
    var y = Arrays.stream(logits).map(a -> a < least ? 0 : Math.exp(a)).toArray();
    var sum = Arrays.stream(route.normed() ? y : Arrays.stream(logits).map(Math::exp).toArray());
    return scaled(y, 1 / sum.sum());
  }

  private static double[] scaled(double[] x, double factor) {
    return Arrays.stream(x).map(a -> a * factor).toArray();
  }

  private double[][] rotary(double[][] x, Rotary rotary, int d) {
    var table = rotary.table();
    int n = table.pairs();
    boolean beyond = x.length > table.length();
    var frequencies = beyond ? table.longer() : table.shorter();
    double base = 1 + (beyond ? table.growth() * ((double) x.length / table.length() - 1) : 0);
    var y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      y[t] = x[t].clone();
      double louder = 1 + table.emphasis() * Math.log(1 + Math.floor((double) t / table.step()));
      for (int head = 0; head < x[t].length; head += d) {
        for (int i = 0; i < n; i++) {
          double slower = n == 1 ? 1 : Math.pow(base, -(double) i / (n - 1));
          double angle = t * frequencies.get(i) * slower;
          double a = x[t][head + i];
          double b = x[t][head + i + n];
          double cosine = table.magnitude() * louder * Math.cos(angle);
          double sine = table.magnitude() * louder * Math.sin(angle);
          y[t][head + i] = a * cosine - b * sine;
          y[t][head + i + n] = b * cosine + a * sine;
        }
      }
    }
    return y;
  }

  private double[][] attention(Node node, Attention attention) {
    var q = value(node.input());
    var k = value(node.inputs().get(1));
    var v = value(node.inputs().get(2));
    int d = width(node.output());
    int heads = q[0].length / d;
    int group = heads / (k[0].length / d);
    var y = new double[q.length][heads * d];
    for (int t = 0; t < q.length; t++) {
      int first = attention.window() == null ? 0 : Math.max(0, t - attention.window() + 1);
      for (int h = 0; h < heads; h++) {
        attend(q[t], k, v, y[t], h * d, h / group * d, d, first, t, attention);
      }
    }
    return y;
  }

  private static void attend(
      double[] q,
      double[][] k,
      double[][] v,
      double[] y,
      int head,
      int shared,
      int d,
      int first,
      int last,
      Attention attention) {
    var weights = new double[last - first + 1];
    double sum = 0;
    for (int s = first; s <= last; s++) {
      double score = 0;
      for (int i = 0; i < d; i++) {
        score += q[head + i] * k[s][shared + i] * attention.scale();
      }
      double cap = attention.softCap() == null ? 0 : attention.softCap();
      weights[s - first] = Math.exp(cap == 0 ? score : cap * Math.tanh(score / cap));
      sum += weights[s - first];
    }
    for (int s = first; s <= last; s++) {
      for (int i = 0; i < d; i++) {
        y[head + i] += weights[s - first] / sum * v[s][shared + i];
      }
    }
  }

  private static DoubleUnaryOperator function(Activation function) {
    return switch (function) {
      case SILU -> a -> a / (1 + Math.exp(-a));
      case RELU -> a -> Math.max(a, 0);
      case TANH -> Math::tanh;
      case SIGMOID -> a -> 1 / (1 + Math.exp(-a));
      case GELU_TANH ->
          a -> 0.5 * a * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (a + 0.044715 * a * a * a)));
      case GELU -> throw new IllegalArgumentException("no error function here");
    };
  }

  private double[][] value(Value value) {
    var found = values.get(value);
    if (found == null) {
      throw new IllegalStateException("not computed: " + value);
    }
    return found;
  }

  private int width(Value value) {
    var shape = graph.shape(value);
    return shape.get(shape.size() - 1).size();
  }

  private double[] vector(String name) {
    var floats = tensors.floats(name);
    return IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray();
  }

  private double[][] matrix(String name) {
    var all = vector(name);
    int columns = (int) tensors.tensor(name).shape()[1];
    return IntStream.range(0, all.length / columns)
        .mapToObj(r -> Arrays.copyOfRange(all, r * columns, (r + 1) * columns))
        .toArray(double[][]::new);
  }
}
