package io.lorashear.rank;

import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.Compressor.Compressed;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.ModelGraph;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Map;

/**
 * Cuts removed components out of pairs: the rank of a pair is an axis of the graph like any other.
 */
public final class CutPairs {
  private CutPairs() {}

  /**
   * Cuts the pairs in {@code graph}.
   *
   * @param kept remaining indices of each pair's rank, by the name of its A
   */
  public static Compressed of(ModelGraph graph, TensorSource tensors, Map<String, BitSet> kept) {
    return Compressor.compress(graph, tensors, plan(graph, kept));
  }

  /** The removed indices, by the names of axes. */
  static WidthPlan plan(ModelGraph graph, Map<String, BitSet> kept) {
    var removed = new ArrayList<Groups>();
    for (var axis : PruningSpace.of(graph).axes()) {
      if (axis.role() == AxisRole.RANK) {
        for (var slice : axis.slices()) {
          var left = kept.get(slice.parameter().name());
          if (left != null) {
            var gone = (BitSet) left.clone();
            gone.flip(0, axis.size());
            removed.add(Groups.of(axis.name(), gone));
          }
        }
      }
    }
    return new WidthPlan(Groups.union(removed));
  }
}
