package io.lorashear.compensate;

import io.lorashear.dependency.Groups;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Value;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.SliceWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A matrix (out, in) with inputs that belong to the groups of an axis, and the value it is applied
 * to.
 *
 * @param place of the axis in its list
 * @param axis its name
 * @param bias the parameter that is added to its output, or null
 * @param block its layer, for example "layers.3"
 * @param route if the groups are whole experts: the part of this matrix's expert in the layer's
 *     sum; otherwise null
 */
public record ReadingMatrix(
    int place,
    String axis,
    SliceWeights slice,
    Value input,
    @Nullable String bias,
    String block,
    @Nullable Route route) {

  /**
   * The part of one expert in its layer's sum. Side by side the experts' matrices are one matrix
   * that reads them all, and each expert is a group of its columns, as a head is of o_proj's:
   *
   * <pre>
   *   Σ_e r_e · W_e x_e = [W_1 … W_E] (r_1 x_1, …, r_E x_E)        r_e x_e = 0 where e is not chosen
   * </pre>
   *
   * @param weights r (B, T, experts)
   * @param expert e
   * @param said r_e · W_e x_e (B, T, hidden)
   */
  public record Route(Value weights, int expert, Value said) {}

  /**
   * The matrices that read any of the axes; a matrix that is applied more than once is left out.
   */
  public static List<ReadingMatrix> of(ModelGraph graph, List<AxisWeights> axes) {
    var found = new ArrayList<ReadingMatrix>();
    for (int i = 0; i < axes.size(); i++) {
      for (var slice : axes.get(i).slices()) {
        if (slice.dimension() == 1) {
          found.addAll(applied(graph, i, axes.get(i), slice));
        }
      }
    }
    return List.copyOf(found);
  }

  private static List<ReadingMatrix> applied(
      ModelGraph graph, int place, AxisWeights axis, SliceWeights slice) {
    var found = new ArrayList<ReadingMatrix>();
    for (var each : Sought.LINEAR.in(graph)) {
      var linear = each.operator();
      var node = each.node();
      if (linear.weight().equals(slice.name())) {
        var route = axis.role() == AxisRole.EXPERTS ? route(graph, node.output()) : null;
        if (axis.role() != AxisRole.EXPERTS || route != null) {
          found.add(
              new ReadingMatrix(
                  place, axis.name(), slice, node.input(), linear.bias(), node.block(), route));
        }
      }
    }
    return found.size() == 1 ? found : List.of();
  }

  /** The route of an expert's last matrix; the expert's other matrices have none. */
  private static @Nullable Route route(ModelGraph graph, Value said) {
    var sum = said; // with what LoRA's pair beside the matrix adds, if there is one
    for (var node : graph.nodes()) {
      var collect = Sought.COLLECT.of(node).orElse(null);
      if (node.inputs().contains(sum) && Sought.ADD.isAt(node)) {
        sum = node.output();
      } else if (node.input().equals(sum) && collect != null) {
        return new Route(node.inputs().get(1), collect.expert(), node.output());
      }
    }
    return null;
  }

  /** Whether it reads one of {@code groups}. */
  public boolean reads(BitSet groups) {
    return Arrays.stream(slice.groupOf()).anyMatch(group -> group >= 0 && groups.get(group));
  }

  /** The inputs of all groups but {@code gone}, ascending. */
  public long[] without(Groups gone) {
    var owners = slice.groupOf();
    return IntStream.range(0, owners.length)
        .filter(j -> owners[j] < 0 || !gone.contains(axis, owners[j]))
        .asLongStream()
        .toArray();
  }

  /** Number of inputs. */
  public int width() {
    return slice.groupOf().length;
  }

  /** The inputs of each of {@code groups} groups, ascending. */
  public long[][] columns(int groups) {
    var owners = slice.groupOf();
    return IntStream.range(0, groups)
        .mapToObj(g -> IntStream.range(0, owners.length).filter(j -> owners[j] == g).asLongStream())
        .map(LongStream::toArray)
        .toArray(long[][]::new);
  }

  /** {@code values} of the inputs, summed up for each of {@code groups} groups. */
  public double[] byGroup(double[] values, int groups) {
    var sums = new double[groups];
    var owners = slice.groupOf();
    for (int j = 0; j < owners.length; j++) {
      if (owners[j] >= 0) {
        sums[owners[j]] += values[j];
      }
    }
    return sums;
  }
}
