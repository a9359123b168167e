package io.lorashear.graph;

import io.lorashear.graph.Operator.Layout;
import io.lorashear.graph.Operator.Linear;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A matrix of a block that can be made sparse: every linear except the routers of experts. The
 * embedding and the head are not in a block.
 *
 * @param name name of the weight
 * @param input what it is applied to
 * @param width number of inputs
 * @param turned whether it is stored as (in, out)
 * @param block block it is in, for example "layers.3"
 */
public record BlockMatrix(String name, Value input, int width, boolean turned, String block) {

  /** All of a model. */
  public static List<BlockMatrix> of(ModelGraph graph) {
    var routers = routers(graph);
    return Sought.LINEAR.in(graph).stream()
        .filter(linear -> !linear.node().block().isEmpty())
        .filter(linear -> !routers.contains(linear.operator().weight()))
        .map(linear -> of(graph, linear.node(), linear.operator()))
        .toList();
  }

  private static BlockMatrix of(ModelGraph graph, Node node, Linear linear) {
    boolean turned = linear.layout() == Layout.IN_OUT;
    var shape = graph.parameter(linear.weight()).shape();
    int width = Math.toIntExact(shape[turned ? 0 : 1]);
    return new BlockMatrix(linear.weight(), node.input(), width, turned, node.block());
  }

  private static Set<String> routers(ModelGraph graph) {
    return Sought.ROUTE.in(graph).stream()
        .map(route -> route.operator().weight())
        .collect(Collectors.toSet());
  }
}
