package io.lorashear.plan;

import io.lorashear.graph.Activation;
import io.lorashear.graph.LinearProducts;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Operator.Activate;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Operator.Collect;
import io.lorashear.graph.Operator.LayerNorm;
import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Operator.MergeHeads;
import io.lorashear.graph.Operator.Multiply;
import io.lorashear.graph.Operator.Part;
import io.lorashear.graph.Operator.RmsNorm;
import io.lorashear.graph.Operator.SplitHeads;
import io.lorashear.graph.Value;
import io.lorashear.torch.Precision;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a forward pass must keep for the gradients, in bytes a token, block by block. An operator
 * keeps what the derivative of its result reads:
 *
 * <pre>
 *   linear       x where W learns (dW = dyᵀx); a frozen W asks for nothing
 *   norm         x, and of RMSNorm one number a row
 *   function     x, or its result
 *   product      both factors
 *   attention    q, k and v (repeated for the heads of a group), its result, one sum a head;
 *                with a soft cap two score matrices a head
 *   sum, scale, rotary, reshaping: nothing
 * </pre>
 *
 * A value kept by several is kept once, and what merely looks at another value differently is that
 * value. Numbers have the precision's width, but for what is computed in float32 in any case: in
 * bfloat16 LayerNorm keeps its input widened too, a softmax its result in both.
 */
final class SavedValues {
  /** Bytes of a float32. */
  private static final int WIDE = 4;

  /** Functions whose slope is computed from what they gave. */
  private static final Set<Activation> RESULTS =
      EnumSet.of(Activation.RELU, Activation.TANH, Activation.SIGMOID);

  private final ModelGraph graph;
  private final Set<String> learning;
  private final Set<Value> hanging;
  private final Map<Value, Double> shares;
  private final int length;
  private final int width;
  private final Map<Value, Value> same = new HashMap<>();
  private final Map<Object, Double> kept = new LinkedHashMap<>();
  private final Map<String, Double> byBlock = new LinkedHashMap<>();

  /**
   * Those of one pass.
   *
   * @param learning names of the weights that learn
   * @param length tokens of a row
   */
  SavedValues(ModelGraph graph, Set<String> learning, int length, Precision precision) {
    this.graph = graph;
    this.learning = learning;
    this.hanging = LinearProducts.hanging(graph, learning);
    this.shares = LinearProducts.shares(graph);
    this.length = length;
    this.width = precision.bytes();
    for (var node : graph.nodes()) {
      if (node.operator() instanceof SplitHeads
          || node.operator() instanceof MergeHeads
          || node.operator() instanceof Part) {
        same.put(node.output(), whole(node.input()));
      }
      if (hanging.contains(node.output()) && !node.output().equals(graph.logits())) {
        keep(node);
      }
    }
  }

  private void keep(Node node) {
    var operator = node.operator();
    if (operator instanceof Linear linear) {
      if (learning.contains(linear.weight())) {
        keep(node, node.input());
      }
    } else if (operator instanceof RmsNorm) {
      var shape = graph.shape(node.input());
      keep(node, node.input());
      keep(node, node, WIDE * size(node.input()) / shape.get(shape.size() - 1).size());
    } else if (operator instanceof LayerNorm) {
      keep(node, node.input());
      keep(node, node, width == WIDE ? 0 : WIDE * size(node.input()));
    } else if (operator instanceof Activate activate) {
      keep(node, RESULTS.contains(activate.function()) ? node.output() : node.input());
    } else if (operator instanceof Multiply || operator instanceof Collect) {
      node.inputs().forEach(input -> keep(node, input));
    } else if (operator instanceof Attention attention) {
      attention(node, attention);
    }
  }

  private void attention(Node node, Attention attention) {
    keep(node, node.input());
    keep(node, node.output());
    var heads = graph.shape(node.input());
    int queries = heads.get(heads.size() - 2).size();
    double all = size(node.input());
    for (var side : node.inputs().subList(1, 3)) {
      if (size(side) == all) {
        keep(node, side);
      } else {
        keep(node, Map.entry(node, side), width * all); // repeated for each head of the group
      }
    }
    double scores = width == WIDE ? 2.0 * WIDE : 2.0 * width + WIDE; // tanh's, softmax's
    keep(node, node, attention.softCap() == null ? WIDE * queries : scores * queries * length);
  }

  private void keep(Node node, Value value) {
    keep(node, whole(value), width * size(whole(value)));
  }

  private void keep(Node node, Object what, double bytes) {
    if (kept.putIfAbsent(what, bytes) == null) {
      byBlock.merge(node.block(), bytes, Double::sum);
    }
  }

  private Value whole(Value value) {
    return same.getOrDefault(value, value);
  }

  private double size(Value value) {
    double size = shares.getOrDefault(value, 1.0);
    for (var extent : graph.shape(value)) {
      size *= extent.size();
    }
    return size;
  }

  /** Bytes a token that all blocks together keep. */
  double all() {
    return byBlock.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Bytes a token that the largest block keeps. */
  double largestBlock() {
    return byBlock.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
  }

  /** Bytes a token that go into blocks from others. */
  double blockInputs() {
    var blocks = new HashMap<Value, String>();
    graph.nodes().forEach(node -> blocks.put(node.output(), node.block()));
    var entering = new LinkedHashMap<Value, Double>();
    for (var node : graph.nodes()) {
      for (var input : node.inputs()) {
        if (blocks.containsKey(input) && !node.block().equals(blocks.get(input))) {
          entering.put(input, width * size(input));
        }
      }
    }
    return entering.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Numbers a token of the widest value before the logits. */
  double widest() {
    return graph.nodes().stream()
        .map(Node::output)
        .filter(value -> !value.equals(graph.logits()))
        .mapToDouble(this::size)
        .max()
        .orElse(0);
  }
}
