package io.lorashear.graph;

import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Operator.RmsNorm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the results of RMS norms when features are removed: a norm whose N features become N′ takes
 * its mean over fewer. A configuration has one ε for all norms, so ε is adjusted to the residual
 * stream, and for a norm of another width the inputs are scaled instead:
 *
 * <pre>
 *   r  = hidden/hidden′
 *   ε′ = r · ε
 *   w′ = √(N/N′) · w
 *   W′ = √(r·N′/N) · W     the linears that write x (rows, biases, LoRA's B), if only this norm
 *                          reads x;  else ε′ = N/N′ · ε
 *
 *   c·x / √(c²Σx²/N′ + r·ε) · w′ = x / √(Σx²/N + ε) · w      c² = r·N′/N
 * </pre>
 */
public final class NormScales {
  private final ModelGraph graph;
  private final Widths widths;
  private final Map<String, Double> epsilons = new HashMap<>();
  private final Map<String, Double> factors = new HashMap<>();
  private final Map<Value, Node> writers = new HashMap<>();
  private final Map<Value, Integer> readers = new HashMap<>();
  private final Map<String, Integer> uses = new HashMap<>();

  private NormScales(ModelGraph graph, Widths widths) {
    this.graph = graph;
    this.widths = widths;
    for (var node : graph.nodes()) {
      writers.put(node.output(), node);
      node.inputs().forEach(value -> readers.merge(value, 1, Integer::sum));
      node.operator().parameters().forEach(name -> uses.merge(name, 1, Integer::sum));
    }
    double residual = residual();
    Sought.RMS_NORM.in(graph).forEach(norm -> add(norm.node().input(), norm.operator(), residual));
  }

  /** The changes when {@code widths} are left of {@code graph}. */
  public static NormScales of(ModelGraph graph, Widths widths) {
    return new NormScales(graph, widths);
  }

  /** ε′ of the norm with that weight. */
  double epsilon(String weight) {
    return Objects.requireNonNull(epsilons.get(weight));
  }

  /** The factor on all elements of a parameter; for a norm, on its stored weight + offset. */
  public double factor(String parameter) {
    return factors.getOrDefault(parameter, 1.0);
  }

  /** hidden/hidden′; 1 if the graph has no such axis. */
  private double residual() {
    for (var axis : graph.axes()) {
      if (axis.role() == AxisRole.RESIDUAL) {
        return (double) axis.indices() / widths.size(axis);
      }
    }
    return 1;
  }

  private void add(Value x, RmsNorm norm, double residual) {
    int features = graph.parameter(norm.weight()).extents().get(0).size(widths);
    if (features == 0) {
      return; // it was removed with its input
    }
    double shrunk = (double) norm.divisor() / features; // N/N′
    factors.put(norm.weight(), Math.sqrt(shrunk));
    var linears = shrunk == residual ? List.<Linear>of() : linears(x);
    epsilons.put(norm.weight(), norm.epsilon() * (linears == null ? shrunk : residual));
    if (linears != null) {
      for (var linear : linears) {
        linear.parameters().forEach(name -> factors.put(name, Math.sqrt(residual / shrunk)));
      }
    }
  }

  /** The linears whose sum is {@code x}; null if x is anything else or has other readers. */
  private @Nullable List<Linear> linears(Value x) {
    var node = writers.get(x);
    if (node == null || !Objects.equals(readers.get(x), 1)) {
      return null;
    }
    return switch (node.operator().kind()) {
      case LINEAR -> Sought.LINEAR.of(node).filter(this::isAlone).map(List::of).orElse(null);
      case ADD, SCALE, SPLIT_HEADS -> linears(node.inputs());
      case EMBEDDING,
          POSITION_EMBEDDING,
          MASKED_LINEAR,
          MULTIPLY,
          ROOT_SCALE,
          ROUTE,
          DISPATCH,
          COLLECT,
          ACTIVATE,
          RMS_NORM,
          LAYER_NORM,
          MERGE_HEADS,
          ROTARY,
          ATTENTION,
          PART ->
          null;
    };
  }

  private @Nullable List<Linear> linears(List<Value> sum) {
    var all = new ArrayList<Linear>();
    for (var input : sum) {
      var some = linears(input);
      if (some == null) {
        return null;
      }
      all.addAll(some);
    }
    return all;
  }

  private boolean isAlone(Linear linear) {
    return linear.parameters().stream().allMatch(name -> Objects.equals(uses.get(name), 1));
  }
}
