package io.lorashear.saliency;

import ai.djl.ndarray.NDArray;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.ParameterSlice;
import io.lorashear.dependency.ParameterSlice.Access;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Extent.Axis;
import io.lorashear.graph.Widths;
import io.lorashear.lora.LoraBinding;
import io.lorashear.torch.kernel.GroupedTensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One axis with the live weights that contain its groups. LoRA's own factors are not slices here:
 * they belong to the weight they update.
 *
 * @param cost number of parameters of the model without LoRA that are removed with one index
 */
public record AxisWeights(PrunableAxis axis, long cost, List<SliceWeights> slices) {

  /** Every group of {@code axes}. */
  public static Groups all(List<AxisWeights> axes) {
    return Groups.all(axes.stream().map(AxisWeights::axis).toList());
  }

  /** The axis's name. */
  public String name() {
    return axis.name();
  }

  /** Number of groups. */
  public int size() {
    return axis.size();
  }

  /** What one index is. */
  public AxisRole role() {
    return axis.role();
  }

  /** The slices whose zeroing removes a group. */
  public List<SliceWeights> zeroed() {
    return slices.stream().filter(SliceWeights::zeroed).toList();
  }

  /**
   * The slices that a factor on a group's output multiplies: the columns that read it or, if
   * nothing reads it by columns, the slices whose zeroing removes it. For a whole expert they are
   * in its last matrix, which reads its channels; its other matrices read what all experts read.
   */
  public List<SliceWeights> readers() {
    var inside = role() == AxisRole.EXPERTS ? readingChannels() : Set.<String>of();
    var reading =
        slices.stream()
            .filter(slice -> slice.dimension() == 1)
            .filter(slice -> role() != AxisRole.EXPERTS || inside.contains(slice.name()))
            .toList();
    return reading.isEmpty() ? zeroed() : reading;
  }

  private Set<String> readingChannels() {
    return axis.slices().stream()
        .filter(slice -> slice.access() == Access.READ)
        .filter(slice -> slice.extent().axes().stream().anyMatch(AxisWeights::isChannels))
        .map(slice -> slice.parameter().name())
        .collect(Collectors.toSet());
  }

  private static boolean isChannels(Axis axis) {
    return axis.role() == AxisRole.CHANNELS;
  }

  /**
   * The weights of {@code axes}.
   *
   * @param space of the graph that runs, with LoRA or without
   * @param parameter finds a live parameter by name
   */
  public static List<AxisWeights> of(
      PruningSpace space,
      List<PrunableAxis> axes,
      List<LoraBinding> bindings,
      Function<String, NDArray> parameter) {
    var finder = new Finder(space, bindings, parameter);
    return axes.stream().map(finder::find).toList();
  }

  private static final class Finder {
    private final PruningSpace space;
    private final Function<String, NDArray> parameter;
    private final Map<String, LoraBinding> bindings = new HashMap<>();
    private final Set<String> factors = new HashSet<>();
    private final Orientation orientation;

    Finder(PruningSpace space, List<LoraBinding> bindings, Function<String, NDArray> parameter) {
      this.space = space;
      this.parameter = parameter;
      this.orientation = new Orientation(space.graph());
      for (var binding : bindings) {
        this.bindings.put(binding.weight(), binding);
        factors.add(binding.a());
        factors.add(binding.b());
      }
    }

    AxisWeights find(PrunableAxis axis) {
      var slices =
          axis.slices().stream()
              .filter(slice -> !factors.contains(name(slice)))
              .map(slice -> weights(axis, slice))
              .toList();
      return new AxisWeights(axis, cost(axis.axis()), slices);
    }

    /** The cost in the whole graph, minus the part in LoRA factors. */
    private long cost(Axis axis) {
      long lora = 0;
      for (var name : factors) {
        var factor = space.graph().parameter(name);
        long after = 1;
        for (var extent : factor.extents()) {
          after *= extent.size(other -> other.indices() - (other.equals(axis) ? 1 : 0));
        }
        lora += factor.elements() - after;
      }
      return space.cost(axis, Widths.TRACED) - lora;
    }

    private SliceWeights weights(PrunableAxis axis, ParameterSlice slice) {
      var stored = parameter.apply(name(slice));
      var owners = GroupedTensor.owners(stored.getManager(), slice.groupOf(), axis.size());
      var grouped =
          new GroupedTensor(
              orientation.outIn(name(slice), stored),
              orientation.dimension(name(slice), slice.dimension()),
              owners);
      boolean zeroed = axis.zeroing().contains(slice.access());
      return new SliceWeights(name(slice), grouped, slice.groupOf(), pair(slice), zeroed);
    }

    private SliceWeights.@Nullable Pair pair(ParameterSlice slice) {
      var binding = bindings.get(name(slice));
      if (binding == null) {
        return null;
      }
      var a = parameter.apply(binding.a());
      var b = parameter.apply(binding.b());
      return new SliceWeights.Pair(binding.a(), a, binding.b(), b, binding.scale());
    }

    private static String name(ParameterSlice slice) {
      return slice.parameter().name();
    }
  }
}
