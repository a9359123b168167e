package io.lorashear.plan;

import io.lorashear.graph.Activation;
import io.lorashear.graph.LinearProducts;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Operator.Activate;
import io.lorashear.graph.Operator.Add;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Operator.Collect;
import io.lorashear.graph.Operator.Dispatch;
import io.lorashear.graph.Operator.Embedding;
import io.lorashear.graph.Operator.LayerNorm;
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
import io.lorashear.graph.Reading;
import io.lorashear.graph.Value;
import io.lorashear.torch.compile.Precision;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a forward pass must keep for the gradients, in bytes per token, block by block. An operator
 * keeps what the derivative of its result reads:
 *
 * <pre>
 *   linear       x if W is trained (dW = dyᵀx); nothing if W is frozen
 *   norm         x, and for RMSNorm one number per row
 *   function     x, or its result
 *   product      both factors
 *   attention    q, k and v (repeated for the heads of a group), its result, one sum per head;
 *                with a soft cap two score matrices per head
 *   sum, scale, rotary, reshaping, rows of a table or of an expert: nothing
 *   routes       some numbers per expert, which are not counted
 * </pre>
 *
 * A value kept by several operators is kept once, and a view of a value counts as that value.
 * Numbers have the precision's width, except for what is always computed in float32: in bfloat16,
 * LayerNorm also keeps its widened input, and a softmax keeps its result in both.
 */
final class SavedValues {
  /** Bytes of a float32. */
  private static final int WIDE = 4;

  /** Functions whose derivative is computed from their output. */
  private static final Set<Activation> RESULTS =
      EnumSet.of(Activation.RELU, Activation.TANH, Activation.SIGMOID);

  private final ModelGraph graph;
  private final Set<String> learning;
  private final Set<Value> dependents;
  private final Map<Value, Double> shares;
  private final int length;
  private final int width;
  private final Map<Value, Value> same = new HashMap<>();
  private final Map<Object, Double> kept = new LinkedHashMap<>();
  private final Map<String, Double> byBlock = new LinkedHashMap<>();

  /**
   * The values of one pass.
   *
   * @param learning names of the trained weights
   * @param length tokens per row
   */
  SavedValues(ModelGraph graph, Set<String> learning, int length, Precision precision) {
    this.graph = graph;
    this.learning = learning;
    this.dependents = LinearProducts.dependents(graph, learning);
    this.shares = LinearProducts.shares(graph);
    this.length = length;
    this.width = precision.bytes();
    for (var node : graph.nodes()) {
      if (isView(node)) {
        same.put(node.output(), whole(node.input()));
      }
      if (dependents.contains(node.output()) && !node.output().equals(graph.logits())) {
        node.operator().read(new Derivative(node)).forEach(held -> keep(node, held));
      }
    }
  }

  private static boolean isView(Node node) {
    return switch (node.operator().kind()) {
      case SPLIT_HEADS, MERGE_HEADS, PART -> true;
      case EMBEDDING,
          POSITION_EMBEDDING,
          LINEAR,
          MASKED_LINEAR,
          ADD,
          MULTIPLY,
          SCALE,
          ROOT_SCALE,
          ROUTE,
          DISPATCH,
          COLLECT,
          ACTIVATE,
          RMS_NORM,
          LAYER_NORM,
          ROTARY,
          ATTENTION ->
          false;
    };
  }

  /** Something that is kept: a value, or data of a node. */
  private record Held(Object what, double bytes) {}

  private Held held(Value value) {
    return new Held(whole(value), width * size(whole(value)));
  }

  private void keep(Node node, Held held) {
    if (kept.putIfAbsent(held.what(), held.bytes()) == null) {
      byBlock.merge(node.block(), held.bytes(), Double::sum);
    }
  }

  /** What the derivative of an operator's result reads. */
  private final class Derivative implements Reading<List<Held>> {
    private final Node node;

    Derivative(Node node) {
      this.node = node;
    }

    private Held input() {
      return held(node.input());
    }

    /** Keys or values, repeated for each query head of their group. */
    private Held repeated(Value side) {
      double all = size(node.input());
      return size(side) == all ? held(side) : new Held(Map.entry(node, side), width * all);
    }

    @Override
    public List<Held> embedding(Embedding embedding) {
      return List.of();
    }

    @Override
    public List<Held> positionEmbedding(PositionEmbedding positionEmbedding) {
      return List.of();
    }

    @Override
    public List<Held> linear(Linear linear) {
      return learning.contains(linear.weight()) ? List.of(input()) : List.of();
    }

    @Override
    public List<Held> maskedLinear(MaskedLinear masked) {
      return learning.contains(masked.a()) ? List.of(input()) : List.of();
    }

    @Override
    public List<Held> add(Add add) {
      return List.of();
    }

    @Override
    public List<Held> multiply(Multiply multiply) {
      return node.inputs().stream().map(SavedValues.this::held).toList();
    }

    @Override
    public List<Held> scale(Scale scale) {
      return List.of();
    }

    @Override
    public List<Held> rootScale(RootScale rootScale) {
      return List.of();
    }

    @Override
    public List<Held> route(Route route) {
      return List.of();
    }

    @Override
    public List<Held> dispatch(Dispatch dispatch) {
      return List.of();
    }

    @Override
    public List<Held> collect(Collect collect) {
      return node.inputs().stream().map(SavedValues.this::held).toList();
    }

    @Override
    public List<Held> activate(Activate activate) {
      return List.of(RESULTS.contains(activate.function()) ? held(node.output()) : input());
    }

    @Override
    public List<Held> rmsNorm(RmsNorm rmsNorm) {
      var shape = graph.shape(node.input());
      double rows = size(node.input()) / shape.get(shape.size() - 1).size();
      return List.of(input(), new Held(node, WIDE * rows));
    }

    @Override
    public List<Held> layerNorm(LayerNorm layerNorm) {
      return List.of(input(), new Held(node, width == WIDE ? 0 : WIDE * size(node.input())));
    }

    @Override
    public List<Held> splitHeads(SplitHeads splitHeads) {
      return List.of();
    }

    @Override
    public List<Held> mergeHeads(MergeHeads mergeHeads) {
      return List.of();
    }

    @Override
    public List<Held> rotary(Rotary rotary) {
      return List.of();
    }

    @Override
    public List<Held> attention(Attention attention) {
      var heads = graph.shape(node.input());
      int queries = heads.get(heads.size() - 2).size();
      double scores = width == WIDE ? 2.0 * WIDE : 2.0 * width + WIDE; // tanh's, softmax's
      double sums = attention.softCap() == null ? WIDE * queries : scores * queries * length;
      return List.of(
          input(),
          held(node.output()),
          repeated(node.inputs().get(1)),
          repeated(node.inputs().get(2)),
          new Held(node, sums));
    }

    @Override
    public List<Held> part(Part part) {
      return List.of();
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

  /** Bytes per token that all blocks together keep. */
  double all() {
    return byBlock.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Bytes per token that the largest block keeps. */
  double largestBlock() {
    return byBlock.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
  }

  /** Bytes per token of the values that blocks read from other blocks. */
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

  /** Numbers per token of the widest value other than the logits. */
  double widest() {
    return graph.nodes().stream()
        .map(Node::output)
        .filter(value -> !value.equals(graph.logits()))
        .mapToDouble(this::size)
        .max()
        .orElse(0);
  }
}
