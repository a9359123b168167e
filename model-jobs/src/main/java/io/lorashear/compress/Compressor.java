package io.lorashear.compress;

import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.PickedTensors.Pick;
import io.lorashear.dependency.Positions;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.Extent;
import io.lorashear.graph.GraphReplay;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.NormScales;
import io.lorashear.graph.Parameter;
import io.lorashear.graph.Remains;
import io.lorashear.graph.Sought;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Cuts the removed indices out of every parameter, in both dimensions.
 *
 * <pre>
 *   W′ = W[kept(rows), kept(columns)]
 * </pre>
 *
 * Norms that lose features keep their function exactly: see {@link NormScales}. Other tensors are
 * copied byte by byte.
 */
public final class Compressor {
  private Compressor() {}

  /**
   * The smaller model: its graph, and its tensors as a view of the larger one's.
   *
   * @param origins names in the larger model of renamed tensors, by their new names
   */
  public record Compressed(ModelGraph graph, TensorSource tensors, Map<String, String> origins) {

    /** The name in the larger model of the tensor {@code name}. */
    public String origin(String name) {
      return origins.getOrDefault(name, name);
    }
  }

  /**
   * Cuts {@code tensors} to what {@code plan} keeps; element types stay, except that norms that
   * lose features become float32.
   *
   * @throws io.lorashear.InputException if the plan removes what cannot be removed
   */
  public static Compressed compress(ModelGraph graph, TensorSource tensors, WidthPlan plan) {
    return compress(PruningSpace.of(graph), tensors, plan);
  }

  /**
   * The same for a model whose analysis allows more, such as {@link PruningSpace#withTokens}.
   *
   * @throws io.lorashear.InputException as the other
   */
  public static Compressed compress(PruningSpace space, TensorSource tensors, WidthPlan plan) {
    plan.check(space);
    var graph = space.graph();
    var picks = new HashMap<String, Pick>();
    var scales = NormScales.of(graph, plan);
    var offsets = offsets(graph);
    for (var parameter : graph.parameters().values()) {
      Function<Extent, int[]> kept = extent -> Positions.kept(extent, plan::kept);
      double factor = scales.factor(parameter.name());
      boolean stays = parameter.extents().stream().allMatch(extent -> extent.size(plan) > 0);
      if (stays && (touched(parameter, plan) || factor != 1)) {
        double offset = offsets.getOrDefault(parameter.name(), 0.0);
        var positions = parameter.extents().stream().map(kept).toList();
        picks.put(parameter.name(), pick(parameter, positions, factor, offset));
      }
    }
    var smaller = GraphReplay.resized(graph, plan);
    var gone = new HashSet<>(graph.parameters().keySet());
    gone.removeAll(smaller.names().keySet());
    var origins = new HashMap<String, String>();
    smaller.names().forEach((original, name) -> origins.put(name, original));
    return new Compressed(
        smaller.graph(),
        new PickedTensors(tensors, picks, smaller.names(), gone),
        Map.copyOf(origins));
  }

  /**
   * The model of full size whose removed groups contribute nothing: {@code plan}'s slices and
   * parameters that are removed as a whole are zero; the rest is unchanged. Its logits are those of
   * the compressed model.
   */
  public static TensorSource mask(PruningSpace space, TensorSource tensors, WidthPlan plan) {
    plan.check(space);
    var positions = new HashMap<String, List<int[]>>();
    plan.removed()
        .axes()
        .forEach(
            name -> {
              var gone = plan.removed().indices(name);
              for (var slice : space.axis(name).zeroed()) {
                var all =
                    positions.computeIfAbsent(
                        slice.parameter().name(), key -> everything(slice.parameter()));
                var along = all.get(slice.dimension());
                var owners = slice.groupOf();
                IntStream.range(0, owners.length)
                    .filter(p -> owners[p] != Positions.NONE && gone.get(owners[p]))
                    .forEach(p -> along[p] = PickedTensors.ZERO);
              }
            });
    var left = Remains.of(space.graph(), plan).parameters();
    for (var parameter : space.graph().parameters().values()) {
      if (!left.contains(parameter.name())) {
        var all = everything(parameter);
        all.forEach(along -> Arrays.fill(along, PickedTensors.ZERO));
        positions.put(parameter.name(), all);
      }
    }
    var picks = new HashMap<String, Pick>();
    positions.forEach(
        (name, all) -> picks.put(name, pick(space.graph().parameter(name), all, 1, 0)));
    return new PickedTensors(tensors, picks, Map.of(), Set.of());
  }

  /** Offset that is added to the stored weights of norms. */
  private static Map<String, Double> offsets(ModelGraph graph) {
    var offsets = new HashMap<String, Double>();
    for (var norm : Sought.RMS_NORM.in(graph)) {
      offsets.put(norm.operator().weight(), norm.operator().offset());
    }
    return offsets;
  }

  private static boolean touched(Parameter parameter, WidthPlan plan) {
    return parameter.extents().stream()
        .flatMap(extent -> extent.axes().stream())
        .anyMatch(axis -> plan.size(axis) < axis.indices());
  }

  private static List<int[]> everything(Parameter parameter) {
    return parameter.extents().stream()
        .map(extent -> IntStream.range(0, extent.size()).toArray())
        .toList();
  }

  private static Pick pick(Parameter parameter, List<int[]> kept, double factor, double offset) {
    var shape = kept.stream().mapToLong(positions -> positions.length).toArray();
    var columns = parameter.extents().size() == 1 ? new int[] {0} : kept.get(1);
    return new Pick(kept.get(0), columns, shape, factor, offset);
  }
}
