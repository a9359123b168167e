package io.lorashear.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.LoraBinding;
import io.lorashear.saliency.Orientation;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.Arithmetic;
import io.lorashear.torch.kernel.AxisKernels;
import io.lorashear.torch.kernel.Sparsity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Folds LoRA's product into the weights that its pairs belong to, then factors into columns.
 *
 * <pre>
 *   x ← x + s·B·A,            B ← 0      the model computes the same as before
 *   x ← x + s·(B·A)∘[x ≠ 0],  B ← 0      likewise for a masked pair
 *   x_j ← x_j·(1 + f_j),      f ← 0      likewise for column j of a matrix with factors
 * </pre>
 */
public final class LoraFold {
  private final List<LoraBinding> bindings;
  private final List<NDArray> weights = new ArrayList<>();
  private final List<NDArray> a = new ArrayList<>();
  private final List<NDArray> b = new ArrayList<>();
  private final List<NDArray> everyRow = new ArrayList<>();
  private final List<Masked> masked = new ArrayList<>();
  private final List<NDArray> scaled = new ArrayList<>();
  private final List<NDArray> factors = new ArrayList<>();

  private record Masked(NDArray weight, NDArray a, NDArray b, double scale) {
    void fold() {
      Sparsity.fold(weight, a, b, scale);
      Arithmetic.clear(List.of(b));
    }
  }

  /**
   * For the pairs of {@code graph}.
   *
   * @param parameter finds a live parameter by name
   */
  public LoraFold(
      ModelGraph graph, List<LoraBinding> bindings, Function<String, NDArray> parameter) {
    this.bindings = bindings.stream().filter(binding -> !binding.masked()).toList();
    var orientation = new Orientation(graph);
    for (var binding : bindings) {
      var stored = parameter.apply(binding.weight());
      var weight = orientation.outIn(binding.weight(), stored); // (out, in)
      var left = parameter.apply(binding.a()); // (r, in)
      var right = parameter.apply(binding.b()); // (out, r)
      if (binding.masked()) {
        masked.add(new Masked(weight, left, right, binding.scale()));
        continue;
      }
      weights.add(weight);
      a.add(left);
      b.add(right);
      var rows = new Shape(parameter.apply(binding.b()).getShape().get(0));
      everyRow.add(stored.getManager().ones(rows, DataType.FLOAT32)); // (out)
    }
  }

  /**
   * For pairs and factors.
   *
   * @param factors names of the factors f, (in), by the names of their weights
   */
  public LoraFold(
      ModelGraph graph,
      List<LoraBinding> bindings,
      Map<String, String> factors,
      Function<String, NDArray> parameter) {
    this(graph, bindings, parameter);
    var orientation = new Orientation(graph);
    factors.forEach(
        (weight, factor) -> {
          scaled.add(orientation.outIn(weight, parameter.apply(weight))); // (out, in)
          this.factors.add(parameter.apply(factor)); // (in)
        });
  }

  /** Folds every pair and every factor, and sets every B and f to zero. */
  public void fold() {
    masked.forEach(Masked::fold);
    if (!bindings.isEmpty()) {
      AxisKernels.fold(weights, a, b, everyRow, bindings.get(0).scale());
      Arithmetic.clear(b);
    }
    Arithmetic.scaleColumns(scaled, factors);
    Arithmetic.clear(factors);
  }

  /**
   * Copies of A and B as they are now, by name.
   *
   * @param host manager of the copies, in host memory
   * @param without weights whose pairs are not copied
   */
  Map<String, NDArray> copies(NDManager host, Set<String> without) {
    var names = new ArrayList<String>();
    var factors = new ArrayList<NDArray>();
    for (int i = 0; i < bindings.size(); i++) {
      if (!without.contains(bindings.get(i).weight())) {
        names.addAll(List.of(bindings.get(i).a(), bindings.get(i).b()));
        factors.addAll(List.of(a.get(i), b.get(i)));
      }
    }
    var moved = HostArrays.toHost(host, factors);
    var copies = new LinkedHashMap<String, NDArray>();
    for (int i = 0; i < names.size(); i++) {
      copies.put(names.get(i), moved.get(i));
    }
    return copies;
  }

  /**
   * {@code x ← x + s·B·A} with the pairs that {@link #copies} returned; the current pairs are
   * unchanged.
   */
  void fold(Map<String, NDArray> copies) {
    var into = new ArrayList<NDArray>();
    var left = new ArrayList<NDArray>();
    var right = new ArrayList<NDArray>();
    var rows = new ArrayList<NDArray>();
    for (int i = 0; i < bindings.size(); i++) {
      var b = copies.get(bindings.get(i).b());
      var a = copies.get(bindings.get(i).a());
      if (a != null && b != null) {
        into.add(weights.get(i));
        left.add(a);
        right.add(b);
        rows.add(everyRow.get(i));
      }
    }
    if (!into.isEmpty()) {
      AxisKernels.fold(into, left, right, rows, bindings.get(0).scale());
    }
  }

  /** The pairs. */
  List<LoraBinding> bindings() {
    return bindings;
  }
}
