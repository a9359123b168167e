package io.lorashear.graph;

import io.lorashear.graph.Operator.Layout;
import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Operator.Route;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A matrix of a block that can have zeros: every linear but routers of experts; neither embedding
 * nor head stands in a block.
 *
 * @param name of the weight
 * @param input what it is applied to
 * @param width inputs
 * @param turned whether it is stored as (in, out)
 * @param block it stands in, for example "layers.3"
 */
public record BlockMatrix(String name, Value input, int width, boolean turned, String block) {

  /** Of a whole model. */
  public static List<BlockMatrix> of(ModelGraph graph) {
    var routers = routers(graph);
    return graph.nodes().stream()
        .filter(node -> !node.block().isEmpty())
        .filter(
            node -> node.operator() instanceof Linear linear && !routers.contains(linear.weight()))
        .map(node -> of(graph, node, (Linear) node.operator()))
        .toList();
  }

  private static BlockMatrix of(ModelGraph graph, Node node, Linear linear) {
    boolean turned = linear.layout() == Layout.IN_OUT;
    var shape = graph.parameter(linear.weight()).shape();
    int width = Math.toIntExact(shape[turned ? 0 : 1]);
    return new BlockMatrix(linear.weight(), node.input(), width, turned, node.block());
  }

  private static Set<String> routers(ModelGraph graph) {
    return graph.nodes().stream()
        .filter(node -> node.operator() instanceof Route)
        .flatMap(node -> node.operator().parameters().stream())
        .collect(Collectors.toSet());
  }
}
