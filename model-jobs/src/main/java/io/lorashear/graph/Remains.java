package io.lorashear.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What is still computed when {@code widths} are left of a graph. An expert, an attention or an MLP
 * that lost all its indices is removed with everything that only fed it, including its norm, and
 * with the bias it would add.
 *
 * <pre>
 *   y remains     if each of its dimensions has an index left and all its inputs remain
 *   a + b         remains if a or b does; without b it is a     the residual stream continues
 *   computed      values that nothing reads, like the logits, and the inputs of computed values
 * </pre>
 */
public final class Remains {
  private final Set<Value> there = new HashSet<>();
  private final Set<Node> computed = new HashSet<>();
  private final Set<String> parameters = new LinkedHashSet<>();

  private Remains(ModelGraph graph, Widths widths) {
    there.add(graph.tokens());
    for (var node : graph.nodes()) {
      boolean made =
          switch (node.operator().kind()) {
            case ADD -> node.inputs().stream().anyMatch(there::contains);
            case EMBEDDING,
                POSITION_EMBEDDING,
                LINEAR,
                MASKED_LINEAR,
                MULTIPLY,
                SCALE,
                ROOT_SCALE,
                ROUTE,
                DISPATCH,
                COLLECT,
                ACTIVATE,
                RMS_NORM,
                LAYER_NORM,
                SPLIT_HEADS,
                MERGE_HEADS,
                ROTARY,
                ATTENTION,
                PART ->
                there.containsAll(node.inputs());
          };
      if (made && graph.shape(node.output()).stream().allMatch(e -> e.size(widths) > 0)) {
        there.add(node.output());
      }
    }
    var wanted = new HashSet<Value>();
    graph.nodes().forEach(node -> wanted.add(node.output()));
    graph.nodes().forEach(node -> wanted.removeAll(node.inputs()));
    var backwards = new ArrayList<>(graph.nodes());
    Collections.reverse(backwards);
    for (var node : backwards) {
      if (wanted.contains(node.output()) && has(node.output())) {
        computed.add(node);
        node.inputs().stream().filter(this::has).forEach(wanted::add);
      }
    }
    graph.nodes().stream()
        .filter(computed::contains)
        .forEach(node -> parameters.addAll(node.operator().parameters()));
  }

  /** What {@code widths} leave of {@code graph}. */
  public static Remains of(ModelGraph graph, Widths widths) {
    return new Remains(graph, widths);
  }

  /** Whether the value remains. */
  public boolean has(Value value) {
    return there.contains(value);
  }

  /** Whether {@code node} is computed. */
  boolean computes(Node node) {
    return computed.contains(node);
  }

  /** Names of the parameters that are read, in order of first use. */
  public Set<String> parameters() {
    return Collections.unmodifiableSet(parameters);
  }
}
