package io.lorashear.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Extent.Axis;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Operator.Collect;
import io.lorashear.graph.Operator.Dispatch;
import io.lorashear.graph.Operator.Layout;
import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Operator.Route;
import io.lorashear.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The matrix products that a model cannot do without, and nothing else, in one call: what a machine
 * allows at most. For each linear, with n tokens in rows:
 *
 * <pre>
 *   y  = x Wᵀ          always
 *   dx = dy W          in training, where x hangs on a weight that learns
 *   dW = dyᵀ x         in training, where W learns
 * </pre>
 *
 * Inputs, gradients and results lie in arrays made beforehand, one for each width; the weights are
 * the model's own. Linears that write logits work on a few hundred rows at a time, as the model
 * does.
 */
public final class MatrixProducts implements AutoCloseable {
  private final ModelGraph graph;
  private final NDManager scope;
  private final List<NDArray> weights;
  private final Map<Value, Node> makers = new HashMap<>();
  private final Map<Width, Integer> places = new LinkedHashMap<>();
  private final StringBuilder lines = new StringBuilder();
  private final List<NDArray> inputs = new ArrayList<>();
  private final List<NDArray> outputs = new ArrayList<>();
  private final TorchModule module;
  private double operations;

  /** An array's rows and columns. */
  private record Width(long rows, long columns) {}

  /**
   * The products of a step on {@code tokens} tokens, or of scoring them.
   *
   * @param predicted tokens whose logits are made
   * @param training whether gradients are asked for, of the weights that learn
   */
  public MatrixProducts(TorchModel model, int tokens, int predicted, boolean training) {
    this.graph = model.graph();
    this.weights = model.weights();
    this.scope = model.manager().newSubManager();
    graph.nodes().forEach(node -> makers.put(node.output(), node));
    var names = List.copyOf(graph.parameters().keySet());
    Set<String> learning = training ? model.trainable().keySet() : Set.of();
    var hanging = new HashSet<Value>();
    for (var node : graph.nodes()) {
      if (node.operator() instanceof Linear linear) {
        boolean input = hanging.contains(node.input());
        boolean weight = learning.contains(linear.weight());
        int place = names.indexOf(linear.weight());
        int chunk = writesLogits(linear) ? EntryPoints.chunk(graph) : tokens;
        int rows = writesLogits(linear) ? predicted : rows(node, tokens);
        for (int done = 0; done < rows; done += chunk) {
          write(node, linear, place, Math.min(chunk, rows - done), input, weight);
        }
      }
      if (node.operator().parameters().stream().anyMatch(learning::contains)
          || node.inputs().stream().anyMatch(hanging::contains)) {
        hanging.add(node.output());
      }
    }
    for (var width : places.keySet()) {
      var shape = new Shape(width.rows(), width.columns());
      inputs.add(scope.randomUniform(-1, 1, shape));
      outputs.add(scope.zeros(shape));
    }
    this.module = TorchModule.of(text());
  }

  /** How many of the tokens a node of an expert meets where all experts meet equally many. */
  private int rows(Node node, int tokens) {
    for (var at = node; at != null; at = maker(at.input())) {
      if (at.operator() instanceof Collect) {
        return tokens;
      }
      if (at.operator() instanceof Dispatch) {
        var route = maker(at.inputs().get(1));
        if (route != null && route.operator() instanceof Route routes) {
          int experts = width(route.output());
          return Math.max(1, tokens * routes.k() / experts);
        }
      }
    }
    return tokens;
  }

  private @Nullable Node maker(Value value) {
    return makers.get(value);
  }

  private boolean writesLogits(Linear linear) {
    return graph.parameter(linear.weight()).extents().stream()
        .anyMatch(extent -> extent instanceof Axis axis && axis.role() == AxisRole.VOCABULARY);
  }

  private void write(
      Node node, Linear linear, int place, int rows, boolean inputGradient, boolean gradient) {
    boolean rowsOut = linear.layout() == Layout.OUT_IN;
    var shape = graph.parameter(linear.weight()).shape();
    int in = place(rows, width(node.input()));
    int out = place(rows, width(node.output()));
    var weight = "w[" + place + "]";
    var transposed = "torch.t(" + weight + ")";
    product(in, rowsOut ? transposed : weight, out);
    int products = 1;
    if (inputGradient) {
      product(out, rowsOut ? weight : transposed, in);
      products++;
    }
    if (gradient) {
      int result = place(shape[0], shape[1]);
      var left = "torch.t(x[" + (rowsOut ? out : in) + "])";
      line("torch.mm(%s, x[%d], out=y[%d])", left, rowsOut ? in : out, result);
      products++;
    }
    operations += 2.0 * products * rows * shape[0] * shape[1];
  }

  private void product(int left, String weight, int result) {
    line("torch.mm(x[%d], %s, out=y[%d])", left, weight, result);
  }

  private int place(long rows, long columns) {
    var width = new Width(rows, columns);
    places.putIfAbsent(width, places.size());
    return places.get(width);
  }

  private int width(Value value) {
    var shape = graph.shape(value);
    return shape.get(shape.size() - 1).size();
  }

  private void line(String format, Object... values) {
    lines.append("    ").append(String.format(format, values)).append('\n');
  }

  private String text() {
    return """
          def products(self: __torch__.M,
            w: List[Tensor],
            x: List[Tensor],
            y: List[Tensor]) -> Tensor:
        %s    return torch.sum(y[0])
        """
        .formatted(lines);
  }

  /** Computes every product once; comes back when the device is done. */
  public void run() {
    try (var call = scope.newSubManager()) {
      module
          .call(call, "products")
          .with(weights)
          .with(inputs)
          .with(outputs)
          .run()
          .get(0)
          .getFloat();
    }
  }

  /** Floating-point operations of one {@link #run}: two for each product of numbers. */
  public double operations() {
    return operations;
  }

  /** Threads that one operator of the engine uses. */
  public static int threads() {
    return JniUtils.getNumThreads();
  }

  @Override
  public void close() {
    scope.close();
  }
}
