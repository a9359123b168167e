package io.lorashear.graph;

import io.lorashear.graph.Operator.Linear;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The matrix products that a pass over a model needs. For each linear:
 *
 * <pre>
 *   y  = x Wᵀ          always
 *   dx = dy W          if x depends on a trained weight
 *   dW = dyᵀ x         if W is trained
 * </pre>
 *
 * @param products every linear in order of computation
 */
public record LinearProducts(List<Product> products) {

  /**
   * One linear.
   *
   * @param share share of the tokens that reach it: below 1 for an expert, assuming that all
   *     experts receive equally many
   * @param logits whether it is computed for predicted tokens only
   * @param elements number of elements of W
   */
  public record Product(
      Node node,
      Linear linear,
      double share,
      boolean logits,
      boolean inputGradient,
      boolean weightGradient,
      long elements) {

    /** How many of the three products there are. */
    public int count() {
      return 1 + (inputGradient ? 1 : 0) + (weightGradient ? 1 : 0);
    }
  }

  /**
   * The products of a step that trains some weights.
   *
   * @param learning names of the trained weights; empty for a forward pass only
   */
  public static LinearProducts of(ModelGraph graph, Set<String> learning) {
    var dependents = dependents(graph, learning);
    var shares = shares(graph);
    var found = new ArrayList<Product>();
    for (var each : Sought.LINEAR.in(graph)) {
      var node = each.node();
      var linear = each.operator();
      found.add(
          new Product(
              node,
              linear,
              shares.getOrDefault(node.input(), 1.0),
              node.output().equals(graph.logits()) || writesVocabulary(graph, node),
              dependents.contains(node.input()),
              learning.contains(linear.weight()),
              graph.parameter(linear.weight()).elements()));
    }
    return new LinearProducts(List.copyOf(found));
  }

  private static boolean writesVocabulary(ModelGraph graph, Node node) {
    var shape = graph.shape(node.output());
    return shape.equals(graph.shape(graph.logits()));
  }

  /** Values that depend on a trained weight through a gradient; a choice of rows has none. */
  public static Set<Value> dependents(ModelGraph graph, Set<String> learning) {
    var dependents = new HashSet<Value>();
    for (var node : graph.nodes()) {
      if (node.operator().parameters().stream().anyMatch(learning::contains)
          || node.slopedInputs().stream().anyMatch(dependents::contains)) {
        dependents.add(node.output());
      }
    }
    return dependents;
  }

  /** The share of the tokens that each value covers, for values that do not cover all. */
  public static Map<Value, Double> shares(ModelGraph graph) {
    var routes = new HashMap<Value, Double>();
    for (var route : Sought.ROUTE.in(graph)) {
      int experts = graph.shape(route.node().output()).get(0).size();
      routes.put(route.node().output(), (double) route.operator().k() / experts);
    }
    var shares = new HashMap<Value, Double>();
    for (var node : graph.nodes()) {
      double share =
          switch (node.operator().kind()) {
            case DISPATCH -> routes.getOrDefault(node.inputs().get(1), 1.0);
            case ROUTE, COLLECT -> 1;
            case EMBEDDING,
                POSITION_EMBEDDING,
                LINEAR,
                MASKED_LINEAR,
                ADD,
                MULTIPLY,
                SCALE,
                ROOT_SCALE,
                ACTIVATE,
                RMS_NORM,
                LAYER_NORM,
                SPLIT_HEADS,
                MERGE_HEADS,
                ROTARY,
                ATTENTION,
                PART ->
                shares.getOrDefault(node.input(), 1.0);
          };
      if (share != 1) {
        shares.put(node.output(), share);
      }
    }
    return shares;
  }

  /**
   * Floating-point operations, two for each multiply-add.
   *
   * @param tokens number of input tokens
   * @param predicted number of tokens whose logits are computed
   */
  public double operations(double tokens, double predicted) {
    return products.stream()
        .mapToDouble(
            p -> 2.0 * p.count() * p.elements() * (p.logits() ? predicted : tokens * p.share()))
        .sum();
  }
}
