package io.lorashear.gate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.Orientation;
import io.lorashear.saliency.SliceWeights;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.Arithmetic;
import io.lorashear.torch.kernel.AxisKernels;
import io.lorashear.torch.kernel.GroupedTensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A factor on what every group gives its readers, written into the columns that read it, so that
 * the model runs as it always does.
 *
 * <pre>
 *   W_eff = W · diag(m)                                    m_g for the columns that read g
 *   ∂loss/∂m_g = Σ over those columns of W ∘ ∂loss/∂W_eff   also where m_g = 0
 * </pre>
 *
 * Where nothing reads a group by columns, the slices whose zeroing removes it stand for them, as
 * for {@link io.lorashear.saliency.FisherScore}. The dense W is kept beside the live one.
 */
public final class Gates implements AutoCloseable {
  private final TorchModel model;
  private final NDManager manager;
  private final Orientation orientation;
  private final List<AxisWeights> axes;
  private final Map<String, NDArray> live = new LinkedHashMap<>();
  private final Map<String, NDArray> dense = new LinkedHashMap<>();
  private final List<List<GroupedTensor>> denseSlices = new ArrayList<>();

  /**
   * Gates on all groups of {@code axes}, open; the matrices that read them are what of the model
   * learns from now on.
   */
  public Gates(TorchModel model, List<AxisWeights> axes) {
    this.model = model;
    this.manager = model.manager().newSubManager();
    this.orientation = new Orientation(model.graph());
    this.axes = List.copyOf(axes);
    for (var axis : axes) {
      var own = new LinkedHashMap<String, NDArray>();
      axis.readers().forEach(slice -> own.put(slice.name(), model.parameter(slice.name())));
      for (var name : own.keySet()) {
        if (live.containsKey(name)) {
          throw new IllegalArgumentException(
              "%s reads %s and another axis that is gated too".formatted(name, axis.name()));
        }
      }
      live.putAll(own);
      own.forEach((name, weight) -> dense.put(name, copy(weight)));
      denseSlices.add(axis.readers().stream().map(this::denseSlice).toList());
    }
    model.trainable(live.keySet());
  }

  private NDArray copy(NDArray weight) {
    var copy = weight.duplicate();
    copy.attach(manager);
    return copy;
  }

  private GroupedTensor denseSlice(SliceWeights slice) {
    var stored = Objects.requireNonNull(dense.get(slice.name()));
    var turned = orientation.outIn(slice.name(), stored); // (out, in)
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
    Arithmetic.copy(List.copyOf(live.values()), List.copyOf(dense.values()));
    try (var scope = manager.newSubManager()) {
      var sent = HostArrays.sendFloats(scope, factors.stream().map(Gates::floats).toList());
      for (int i = 0; i < axes.size(); i++) {
        var slices = axes.get(i).readers().stream().map(SliceWeights::grouped).toList();
        AxisKernels.scale(slices, sent.get(i));
      }
    }
  }

  /** ∂loss/∂m of every group, by the gradients that backward passes have added up. */
  public List<double[]> gradients() {
    try (var scope = manager.newSubManager()) {
      var asked = new ArrayList<NDArray>();
      for (int i = 0; i < axes.size(); i++) {
        var slopes = axes.get(i).readers().stream().map(slice -> slope(slice, scope)).toList();
        int groups = axes.get(i).size();
        asked.add(AxisKernels.innerProducts(scope, denseSlices.get(i), slopes, groups));
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
