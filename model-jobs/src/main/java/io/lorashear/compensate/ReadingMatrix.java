package io.lorashear.compensate;

import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Value;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.SliceWeights;
import java.util.ArrayList;
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
 * @param bias the parameter that is added to what it says, or null
 * @param block the layer it stands in, for example "layers.3"
 */
public record ReadingMatrix(
    int place, String axis, SliceWeights slice, Value input, @Nullable String bias, String block) {

  /** Of all axes; a matrix that is applied more than once is left as it is. */
  public static List<ReadingMatrix> of(ModelGraph graph, List<AxisWeights> axes) {
    var found = new ArrayList<ReadingMatrix>();
    for (int i = 0; i < axes.size(); i++) {
      for (var slice : axes.get(i).slices()) {
        if (slice.dimension() == 1) {
          found.addAll(applied(graph, i, axes.get(i).name(), slice));
        }
      }
    }
    return List.copyOf(found);
  }

  private static List<ReadingMatrix> applied(
      ModelGraph graph, int place, String axis, SliceWeights slice) {
    var found = new ArrayList<ReadingMatrix>();
    for (var node : graph.nodes()) {
      if (node.operator() instanceof Linear linear && linear.weight().equals(slice.name())) {
        var input = node.inputs().get(0);
        found.add(new ReadingMatrix(place, axis, slice, input, linear.bias(), node.block()));
      }
    }
    return found.size() == 1 ? found : List.of();
  }

  /** Inputs. */
  public int width() {
    return slice.groupOf().length;
  }

  /** The inputs of every one of {@code groups} groups, ascending. */
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
