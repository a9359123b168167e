package io.lorashear.torch;

import static io.lorashear.torch.script.Aten.mm;
import static io.lorashear.torch.script.Aten.t;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.lorashear.graph.LinearProducts;
import io.lorashear.graph.LinearProducts.Product;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Layout;
import io.lorashear.graph.Value;
import io.lorashear.torch.compile.Casts;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.engine.TorchModule;
import io.lorashear.torch.script.Expression;
import io.lorashear.torch.script.Lines;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs only the matrix products of a model's linear layers ({@link LinearProducts}), in one call,
 * to measure the upper limit that the hardware allows. Inputs, gradients and results are arrays
 * allocated beforehand, one per shape; the weights are the model's own. Linear layers that produce
 * logits work on a few hundred rows at a time, as the model does.
 */
public final class MatrixProducts implements AutoCloseable {
  private static final Expression W = new Expression("w");
  private static final Expression X = new Expression("x");
  private static final Expression Y = new Expression("y");

  private final ModelGraph graph;
  private final NDManager scope;
  private final List<NDArray> weights;
  private final Map<Width, Integer> places = new LinkedHashMap<>();
  private final Lines lines = new Lines();
  private final List<NDArray> inputs = new ArrayList<>();
  private final List<NDArray> outputs = new ArrayList<>();
  private final String text;
  private final TorchModule module;
  private final double operations;

  /** An array's rows and columns. */
  private record Width(long rows, long columns) {}

  /**
   * Prepares the products of a training step on {@code tokens} tokens, or of scoring them.
   *
   * @param predicted number of tokens whose logits are computed
   * @param training whether to include the gradient products that the trainable weights need
   */
  public MatrixProducts(TorchModel model, int tokens, int predicted, boolean training) {
    this.graph = model.graph();
    this.weights = model.weights();
    this.scope = model.manager().newSubManager();
    var names = List.copyOf(graph.parameters().keySet());
    var all = LinearProducts.of(graph, training ? model.trainable().keySet() : Set.of());
    for (var product : all.products()) {
      var stored = W.at(names.indexOf(product.linear().weight()));
      var weight = new Casts(model.precision()).weight(stored, X.at(0).device());
      int rows =
          product.logits() ? predicted : (int) Math.max(1, Math.round(tokens * product.share()));
      int chunk = product.logits() ? model.chunk().logitRows(graph) : rows;
      for (int done = 0; done < rows; done += chunk) {
        write(product, weight, Math.min(chunk, rows - done));
      }
    }
    this.operations = all.operations(tokens, predicted);
    this.text = text(model.precision());
    this.module = TorchModule.of(text);
    for (var width : places.keySet()) {
      var shape = new Shape(width.rows(), width.columns());
      inputs.add(number(scope.randomUniform(-1, 1, shape)));
      outputs.add(number(scope.zeros(shape)));
    }
  }

  private void write(Product product, Expression weight, int rows) {
    boolean rowsOut = product.linear().layout() == Layout.OUT_IN;
    int in = place(rows, width(product.node().input()));
    int out = place(rows, width(product.node().output()));
    var transposed = t(weight);
    lines.run(mm(X.at(in), rowsOut ? transposed : weight, Y.at(out)));
    if (product.inputGradient()) {
      lines.run(mm(X.at(out), rowsOut ? weight : transposed, Y.at(in)));
    }
    if (product.weightGradient()) {
      var shape = graph.parameter(product.linear().weight()).shape();
      int result = place(shape[0], shape[1]);
      int left = rowsOut ? out : in;
      lines.run(mm(t(X.at(left)), X.at(rowsOut ? in : out), Y.at(result)));
    }
  }

  private int place(long rows, long columns) {
    var width = new Width(rows, columns);
    places.putIfAbsent(width, places.size());
    return places.getOrDefault(width, 0);
  }

  private int width(Value value) {
    var shape = graph.shape(value);
    return shape.get(shape.size() - 1).size();
  }

  /** {@code x} in the precision that the model computes in. */
  private NDArray number(NDArray x) {
    var result = module.call(scope, "number").with(x).run().get(0);
    if (result != x) {
      x.close();
    }
    return result;
  }

  private String text(Precision precision) {
    return """
      def number(self: __torch__.M,
        x: Tensor) -> Tensor:
        return %s
      def products(self: __torch__.M,
        w: List[Tensor],
        x: List[Tensor],
        y: List[Tensor]) -> Tensor:
    %s    return torch.to(torch.sum(y[0]), 6)
    """
        .formatted(new Casts(precision).narrow(X), lines);
  }

  /** The TorchScript methods that compute the products. */
  String text() {
    return text;
  }

  /** Computes every product once and returns when the device has finished. */
  public void run() {
    try (var call = scope.newSubManager()) {
      var sum = module.call(call, "products").with(weights).with(inputs).with(outputs).run();
      HostArrays.number(sum.get(0));
    }
  }

  /** Floating-point operations of one {@link #run}: two for each multiply-add. */
  public double operations() {
    return operations;
  }

  /** Number of threads that the engine uses within one operator. */
  public static int threads() {
    return JniUtils.getNumThreads();
  }

  @Override
  public void close() {
    scope.close();
  }
}
