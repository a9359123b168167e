package io.lorashear.gate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Sought;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.Orientation;
import io.lorashear.saliency.SliceWeights;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.Arithmetic;
import io.lorashear.torch.kernel.AxisKernels;
import io.lorashear.torch.kernel.GroupedTensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A factor on every group's output, written into the columns that read it, so that the model itself
 * runs as usual.
 *
 * <pre>
 *   W_eff = W · diag(m)                                    m_g for the columns that read g
 *   ∂loss/∂m_g = Σ over those columns of W ∘ ∂loss/∂W_eff   also where m_g = 0
 * </pre>
 *
 * For a channel of the residual stream, the factor is in the weights that write it instead, the
 * rows of o_proj and down_proj and the columns of the embedding, so that norms see it too. Then
 * W_eff = diag(z) W diag(m), and ∂loss/∂m_g has z∘W in place of W.
 *
 * <p>If nothing reads a group by columns, the slices whose zeroing removes it are used instead, as
 * in {@link io.lorashear.saliency.FisherScore}. The dense W is kept in addition to the live one.
 */
public final class Gates implements AutoCloseable {
  private final TorchModel model;
  private final NDManager manager;
  private final Orientation orientation;
  private final List<AxisWeights> axes;
  private final Map<String, NDArray> live = new LinkedHashMap<>();
  private final Map<String, NDArray> dense = new LinkedHashMap<>();
  private final List<List<SliceWeights>> slices = new ArrayList<>();
  private List<double[]> factors = List.of();

  /**
   * Open gates on all groups of {@code axes}; the matrices that read them become the model's
   * trainable parameters.
   */
  public Gates(TorchModel model, List<AxisWeights> axes) {
    this.model = model;
    this.manager = model.manager().newSubManager();
    this.orientation = new Orientation(model.graph());
    this.axes = List.copyOf(axes);
    var sides = new HashSet<String>();
    for (var axis : axes) {
      var own = gated(axis);
      for (var slice : own) {
        if (!sides.add(slice.name() + slice.dimension())) {
          throw new IllegalArgumentException(
              "%s reads %s and another axis that is gated too"
                  .formatted(slice.name(), axis.name()));
        }
        var weight = model.parameter(slice.name());
        live.put(slice.name(), weight);
        dense.computeIfAbsent(slice.name(), name -> copy(weight));
      }
      slices.add(own);
    }
    model.trainable(live.keySet());
  }

  /**
   * The slices that the factors of an axis are written into. For a channel of the residual stream
   * they are in all weights that write it; norms, which take their mean over it, are left
   * unchanged.
   */
  private List<SliceWeights> gated(AxisWeights axis) {
    if (axis.role() != AxisRole.RESIDUAL) {
      return axis.readers();
    }
    var norms =
        Sought.RMS_NORM.in(model.graph()).stream()
            .map(norm -> norm.operator().weight())
            .collect(Collectors.toSet());
    return axis.zeroed().stream().filter(slice -> !norms.contains(slice.name())).toList();
  }

  private NDArray copy(NDArray weight) {
    var copy = weight.duplicate();
    copy.attach(manager);
    return copy;
  }

  /**
   * The dense weights of a slice times the factors of all axes but the slice's own.
   *
   * @param sent the factors, on the model's device
   */
  private GroupedTensor others(int axis, SliceWeights slice, List<NDArray> sent, NDManager scope) {
    var stored = Objects.requireNonNull(dense.get(slice.name()));
    var turned = orientation.outIn(slice.name(), stored); // (out, in)
    for (int i = 0; i < axes.size(); i++) {
      for (var other : slices.get(i)) {
        if (i != axis && other.name().equals(slice.name())) {
          turned = turned.duplicate();
          turned.attach(scope);
          var side = new GroupedTensor(turned, other.dimension(), other.grouped().groupOf());
          AxisKernels.scale(List.of(side), sent.get(i));
        }
      }
    }
    return new GroupedTensor(turned, slice.dimension(), slice.grouped().groupOf());
  }

  /** The axes, in the order of all factors. */
  List<AxisWeights> axes() {
    return axes;
  }

  /** The matrices that read the groups, by name; live. */
  Map<String, NDArray> weights() {
    return live;
  }

  /** {@code W_eff ← W · diag(m)}; {@code factors} of every group of every axis. */
  public void apply(List<double[]> factors) {
    this.factors = List.copyOf(factors);
    Arithmetic.copy(List.copyOf(live.values()), List.copyOf(dense.values()));
    try (var scope = manager.newSubManager()) {
      var sent = HostArrays.sendFloats(scope, factors.stream().map(Gates::floats).toList());
      for (int i = 0; i < axes.size(); i++) {
        var grouped = slices.get(i).stream().map(SliceWeights::grouped).toList();
        AxisKernels.scale(grouped, sent.get(i));
      }
    }
  }

  /** ∂loss/∂m of every group, from the accumulated gradients of backward passes. */
  public List<double[]> gradients() {
    try (var scope = manager.newSubManager()) {
      var sent = HostArrays.sendFloats(scope, factors.stream().map(Gates::floats).toList());
      var asked = new ArrayList<NDArray>();
      for (int i = 0; i < axes.size(); i++) {
        try (var own = scope.newSubManager()) {
          var slopes = new ArrayList<NDArray>();
          var weights = new ArrayList<GroupedTensor>();
          for (var slice : slices.get(i)) {
            slopes.add(slope(slice, own));
            weights.add(others(i, slice, sent, own));
          }
          asked.add(AxisKernels.innerProducts(scope, weights, slopes, axes.get(i).size()));
        }
      }
      return HostArrays.floats(asked).stream().map(HostArrays::widened).toList();
    }
  }

  private NDArray slope(SliceWeights slice, NDManager scope) {
    var turned = orientation.outIn(slice.name(), model.gradient(scope, slice.name()));
    turned.attach(scope);
    return turned; // (out, in)
  }

  private static float[] floats(double[] values) {
    var floats = new float[values.length];
    for (int g = 0; g < floats.length; g++) {
      floats[g] = (float) values[g];
    }
    return floats;
  }

  /** Freezes the weights as they are and frees the dense ones. */
  @Override
  public void close() {
    model.trainable(List.of());
    manager.close();
  }
}
