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
 * A factor on what every group gives its readers, written into the columns that read it, so that
 * the model runs as it always does.
 *
 * <pre>
 *   W_eff = W · diag(m)                                    m_g for the columns that read g
 *   ∂loss/∂m_g = Σ over those columns of W ∘ ∂loss/∂W_eff   also where m_g = 0
 * </pre>
 *
 * A channel of the residual stream has its factor in what writes it instead, the rows of o_proj and
 * down_proj and the columns of the embedding, so that norms see it too: W_eff = diag(z) W diag(m)
 * then, and ∂loss/∂m_g has z∘W in the place of W.
 *
 * <p>Where nothing reads a group by columns, the slices whose zeroing removes it stand for them, as
 * for {@link io.lorashear.saliency.FisherScore}. The dense W is kept beside the live one.
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
   * Gates on all groups of {@code axes}, open; the matrices that read them are what of the model
   * learns from now on.
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
   * The slices that the factors of an axis are written into. A channel of the residual stream is
   * what all that write it give it; norms, which take their mean over it, are left as they are.
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
   * @param sent the factors, where the model computes
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

  /** The axes, in the order of all numbers. */
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

  /** ∂loss/∂m of every group, by the gradients that backward passes have added up. */
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

  /** Leaves the weights as they are, frozen, and lets the dense ones go. */
  @Override
  public void close() {
    model.trainable(List.of());
    manager.close();
  }
}
