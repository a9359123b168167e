package io.lorashear.compensate;

import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Value;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.SliceWeights;
import java.util.ArrayList;
import java.util.List;

/**
 * A matrix (out, in) with inputs that belong to the groups of an axis, and the value it is applied
 * to.
 *
 * @param axis place of the axis in its list
 */
record ReadingMatrix(int axis, SliceWeights slice, Value input) {

  /** Of all axes; a matrix that is applied more than once is left as it is. */
  static List<ReadingMatrix> of(ModelGraph graph, List<AxisWeights> axes) {
    var found = new ArrayList<ReadingMatrix>();
    for (int i = 0; i < axes.size(); i++) {
      for (var slice : axes.get(i).slices()) {
        var inputs = slice.dimension() == 1 ? inputs(graph, slice.name()) : List.<Value>of();
        if (inputs.size() == 1) {
          found.add(new ReadingMatrix(i, slice, inputs.get(0)));
        }
      }
    }
    return List.copyOf(found);
  }

  private static List<Value> inputs(ModelGraph graph, String weight) {
    return graph.nodes().stream()
        .filter(node -> node.operator() instanceof Linear linear && linear.weight().equals(weight))
        .map(node -> node.inputs().get(0))
        .toList();
  }

  /** Inputs. */
  int width() {
    return slice.groupOf().length;
  }
}
