package io.lorashear.lora;

import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.GraphBuilder;
import io.lorashear.graph.GraphReplay;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Value;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Adds a factor to every index of heads and channels, where a matrix reads it, as (IA)³ does (arXiv
 * 2205.05638). The difference f from one is stored, so a new factor is zero.
 *
 * <pre>
 *   y = W (x∘(1 + f))                       f has one number for each column of W
 *   x∘(1 + f) = √ε · RmsNorm(x; 1 + f, ε)   ε = 2⁶⁰
 * </pre>
 *
 * A norm whose ε dwarfs the mean square of x divides by √ε, a power of two, whatever x is: to the
 * bit in float32 as long as the mean square is below 2³⁵. So no operator is needed beside it.
 */
public final class FactorRewrite {
  private static final double EPSILON = 0x1p60;
  private static final double ROOT = 0x1p30;
  private static final Set<AxisRole> READ =
      EnumSet.of(AxisRole.CHANNELS, AxisRole.HEADS, AxisRole.KEY_VALUE_HEADS);

  private final ModelGraph graph;
  private final Map<String, String> factors = new LinkedHashMap<>();

  private FactorRewrite(ModelGraph graph) {
    this.graph = graph;
  }

  /**
   * A graph with factors.
   *
   * @param factors name of the factor f by the name of its W
   */
  public record FactorGraph(ModelGraph graph, Map<String, String> factors) {
    /** A graph without. */
    public static FactorGraph none(ModelGraph graph) {
      return new FactorGraph(graph, Map.of());
    }

    /** The first factors: zeros. */
    public InMemoryTensors firstWeights() {
      var tensors = new InMemoryTensors();
      for (var name : factors.values()) {
        var shape = graph.parameter(name).shape();
        tensors.put(name, new float[Math.toIntExact(shape[0])], shape);
      }
      return tensors;
    }
  }

  /** Adds a factor before every matrix of a block that reads heads or channels. */
  public static FactorGraph apply(ModelGraph graph) {
    var rewrite = new FactorRewrite(graph);
    var rewritten =
        GraphReplay.rewritten(
            graph,
            (g, node, x, plain) ->
                rewrite.readsGroups(node) ? rewrite.factored(g, node, x) : plain.get());
    return new FactorGraph(rewritten, Collections.unmodifiableMap(rewrite.factors));
  }

  private boolean readsGroups(Node node) {
    var shape = graph.shape(node.input());
    return !node.block().isEmpty()
        && shape.get(shape.size() - 1).axes().stream().anyMatch(axis -> READ.contains(axis.role()));
  }

  private Value factored(GraphBuilder g, Node node, Value x) {
    var linear = Sought.LINEAR.of(node).orElseThrow();
    var name = factor(linear);
    factors.put(linear.weight(), name);
    var scaled = g.scale(g.rmsNorm(x, name, EPSILON, 1), ROOT); // (…, in)
    var shape = graph.shape(node.output());
    int out = shape.get(shape.size() - 1).size();
    return g.linear(
        scaled, linear.weight(), linear.bias(), linear.layout(), out, AxisRole.CHANNELS, "");
  }

  private static String factor(Linear linear) {
    var name = linear.weight();
    return (name.endsWith(".weight") ? name.substring(0, name.length() - 7) : name) + ".factor";
  }
}
