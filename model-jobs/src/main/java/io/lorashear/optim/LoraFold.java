package io.lorashear.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.LoraBinding;
import io.lorashear.saliency.Orientation;
import io.lorashear.torch.kernel.AxisKernels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Folds LoRA's product into the weights it stands beside.
 *
 * <pre>
 *   x ← x + s·B·A,   B ← 0          the model computes what it did before
 * </pre>
 */
public final class LoraFold {
  private final List<LoraBinding> bindings;
  private final List<NDArray> weights = new ArrayList<>();
  private final List<NDArray> a = new ArrayList<>();
  private final List<NDArray> b = new ArrayList<>();
  private final List<NDArray> everyRow = new ArrayList<>();

  /**
   * For the pairs of {@code graph}.
   *
   * @param parameter finds a live parameter by name
   */
  public LoraFold(
      ModelGraph graph, List<LoraBinding> bindings, Function<String, NDArray> parameter) {
    this.bindings = List.copyOf(bindings);
    var orientation = new Orientation(graph);
    for (var binding : bindings) {
      var stored = parameter.apply(binding.weight());
      weights.add(orientation.outIn(binding.weight(), stored)); // (out, in)
      a.add(parameter.apply(binding.a())); // (r, in)
      b.add(parameter.apply(binding.b())); // (out, r)
      var rows = new Shape(parameter.apply(binding.b()).getShape().get(0));
      everyRow.add(stored.getManager().ones(rows, DataType.FLOAT32)); // (out)
    }
  }

  /** Folds every pair and leaves every B at zero. */
  public void fold() {
    if (!bindings.isEmpty()) {
      AxisKernels.fold(weights, a, b, everyRow, bindings.get(0).scale());
      b.forEach(factor -> factor.muli(0));
    }
  }

  /** The weights that take the products in, by name; live, (out, in). */
  Map<String, NDArray> weights() {
    var named = new LinkedHashMap<String, NDArray>();
    for (int i = 0; i < weights.size(); i++) {
      named.put(bindings.get(i).weight(), weights.get(i));
    }
    return named;
  }

  /** The pairs. */
  List<LoraBinding> bindings() {
    return bindings;
  }
}
