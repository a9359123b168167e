package io.lorashear.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.graph.LinearProducts;
import io.lorashear.graph.Value;
import io.lorashear.torch.compile.ModelText;
import io.lorashear.torch.engine.TorchModule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The part of one block that the trainable weights of a model have in a value y, trained by itself:
 *
 * <pre>
 *   h … ── norm, matrices, attention, gate … ── y          h: given, nothing before it is computed
 *                                                error = mean (y − target)²
 * </pre>
 */
public final class Piece {
  private final TorchModel model;
  private final List<Value> given;
  private final TorchModule methods;

  /**
   * The piece between what {@code output} needs that no trainable weight has a part in, and {@code
   * output}.
   */
  public Piece(TorchModel model, Value output) {
    this.model = model;
    var learning = Set.copyOf(model.trainable().keySet());
    this.given = given(model, output, learning);
    this.methods =
        TorchModule.of(ModelText.piece(model.graph(), given, output, model.precision(), learning));
  }

  private static List<Value> given(TorchModel model, Value output, Set<String> learning) {
    var graph = model.graph();
    var dependents = LinearProducts.dependents(graph, learning);
    var wanted = new HashSet<Value>(Set.of(output));
    var given = new LinkedHashSet<Value>();
    var backwards = new ArrayList<>(graph.nodes());
    Collections.reverse(backwards);
    for (var node : backwards) {
      if (wanted.contains(node.output()) && dependents.contains(node.output())) {
        for (var input : node.inputs()) {
          (dependents.contains(input) ? wanted : given).add(input);
        }
      }
    }
    given.remove(graph.tokens());
    return List.copyOf(given);
  }

  /** The values h, in the order in which the methods below take them. */
  public List<Value> given() {
    return given;
  }

  /**
   * The error, (), on the device.
   *
   * @param ids int64 (B, T)
   * @param h in the type that the model computes in
   * @param target float32, of y's shape
   */
  public NDArray error(NDManager scope, NDArray ids, List<NDArray> h, NDArray target) {
    var call = methods.call(scope, "error").with(ids).with(h).with(target);
    return call.with(model.weights()).run().get(0);
  }

  /** The same; adds its gradient to those of the trainable weights. */
  public NDArray backward(NDManager scope, NDArray ids, List<NDArray> h, NDArray target) {
    var call = methods.call(scope, "backward").with(ids).with(h).with(target);
    return call.with(model.weights()).record().get(0);
  }
}
