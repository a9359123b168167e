package io.lorashear.dependency;

import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Extent.Axis;
import io.lorashear.graph.Extent.Index;
import io.lorashear.graph.Extent.Product;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Remains;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Widths;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The attention or the MLP of one layer as a whole. Removing it removes all indices of its axis and
 * its own parameters: the norms before and after it, and the bias that it adds.
 *
 * <pre>
 *   x + o(attention(q(n), k(n), v(n))) + b,  n = norm(x)        no head left: x
 *   x + down(f(gate(n)) · up(n)) + b,        n = norm(x)        no channel left: x
 * </pre>
 *
 * @param layer its block, "layers.3"
 * @param attention whether it is an attention; otherwise it is an MLP or the experts in its place
 * @param axis axis whose indices make it up
 * @param parameters names of its own parameters
 * @param biases those of them that it adds to the residual stream independently of its input
 */
public record Sublayer(
    String layer,
    boolean attention,
    PrunableAxis axis,
    Set<String> parameters,
    Set<String> biases) {

  /** All sublayers of {@code space}, in the order of its axes. */
  static List<Sublayer> of(PruningSpace space) {
    var graph = space.graph();
    var all = Remains.of(graph, Widths.TRACED).parameters();
    var insideExperts = insideExperts(graph);
    var found = new ArrayList<Sublayer>();
    for (var axis : space.axes()) {
      boolean whole =
          axis.role() == AxisRole.KEY_VALUE_HEADS
              || axis.role() == AxisRole.EXPERTS
              || axis.role() == AxisRole.CHANNELS;
      if (whole && !axis.axis().locked() && !insideExperts.contains(axis.axis())) {
        var without = Remains.of(graph, a -> a.equals(axis.axis()) ? 0 : a.indices());
        var gone = new LinkedHashSet<>(all);
        gone.removeAll(without.parameters());
        if (without.has(graph.logits()) && !gone.isEmpty()) {
          boolean attends = axis.role() == AxisRole.KEY_VALUE_HEADS;
          found.add(
              new Sublayer(layer(graph, gone), attends, axis, gone, biases(graph, axis, gone)));
        }
      }
    }
    return List.copyOf(found);
  }

  private static Set<Axis> insideExperts(ModelGraph graph) {
    var inside = new HashSet<Axis>();
    for (var parameter : graph.parameters().values()) {
      for (var extent : parameter.extents()) {
        if (extent instanceof Product product && product.factors().get(0) instanceof Index) {
          product.factors().subList(1, product.factors().size()).forEach(e -> e.collect(inside));
        }
      }
    }
    return inside;
  }

  private static String layer(ModelGraph graph, Set<String> parameters) {
    return graph.nodes().stream()
        .filter(node -> node.operator().parameters().stream().anyMatch(parameters::contains))
        .map(node -> node.block())
        .findFirst()
        .orElseThrow();
  }

  private static Set<String> biases(ModelGraph graph, PrunableAxis axis, Set<String> parameters) {
    var biases = new LinkedHashSet<String>();
    for (var linear : Sought.LINEAR.in(graph)) {
      var bias = linear.operator().bias();
      if (bias != null
          && parameters.contains(bias)
          && !graph.parameter(bias).extents().get(0).axes().contains(axis.axis())) {
        biases.add(bias);
      }
    }
    return biases;
  }

  /** Number of elements of its own parameters. */
  public long elements(ModelGraph graph) {
    return parameters.stream().mapToLong(name -> graph.parameter(name).elements()).sum();
  }
}
