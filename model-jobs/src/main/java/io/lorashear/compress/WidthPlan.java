package io.lorashear.compress;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PrunableAxis.Status;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.Extent.Axis;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Widths;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Which groups of which axes are removed; axes that are not named stay whole. */
public record WidthPlan(Groups removed) implements Widths {

  /** A plan that removes nothing. */
  public static WidthPlan everything() {
    return new WidthPlan(Groups.none());
  }

  /** This plan, which also removes {@code indices} of {@code axis}. */
  public WidthPlan without(String axis, int... indices) {
    return new WidthPlan(removed.plus(Groups.of(axis, indices)));
  }

  @Override
  public int size(Axis axis) {
    return axis.indices() - removed.count(axis.name());
  }

  @Override
  public boolean keeps(Axis axis, int index) {
    return !removed.contains(axis.name(), index);
  }

  /** The indices of {@code axis} that are left, ascending. */
  public int[] kept(Axis axis) {
    var gone = removed.indices(axis.name());
    return IntStream.range(0, axis.indices()).filter(index -> !gone.get(index)).toArray();
  }

  /** Sizes of the axes that lose something, by name. */
  public Map<String, Integer> sizes(ModelGraph graph) {
    var sizes = new TreeMap<String, Integer>();
    for (var axis : graph.axes()) {
      if (removed.count(axis.name()) > 0) {
        sizes.put(axis.name(), size(axis));
      }
    }
    return sizes;
  }

  /** Number of parameters of the remaining model. */
  public long parameters(ModelGraph graph) {
    return graph.parameterCount(this);
  }

  /** Number of removed groups. */
  public int groups() {
    return removed.count();
  }

  /**
   * Refuses axes that do not exist, may not lose an index, or would lose all though they are no
   * {@link io.lorashear.dependency.Sublayer}'s.
   */
  public void check(PruningSpace space) {
    removed.axes().forEach(name -> check(space, space.axis(name), removed.indices(name)));
  }

  private static void check(PruningSpace space, PrunableAxis axis, BitSet gone) {
    boolean all = gone.length() == axis.size() && gone.cardinality() == axis.size();
    if (all && space.sublayers().stream().anyMatch(part -> part.axis().equals(axis))) {
      return; // the whole attention or MLP goes
    }
    if (axis.status() == Status.UNPRUNABLE) {
      throw new InputException("axis %s cannot lose an index: %s", axis.name(), axis.reason());
    }
    if (gone.length() > axis.size()) {
      throw new InputException(
          "axis %s has %d indices, the plan removes index %d",
          axis.name(), axis.size(), gone.length() - 1);
    }
    if (gone.cardinality() == axis.size()) {
      throw new InputException("axis %s would lose all its %d indices", axis.name(), axis.size());
    }
    int left = axis.size() - gone.cardinality();
    if (left < axis.least()) {
      throw new InputException(
          "axis %s would keep %d of its %d indices, but every row goes to %d of them",
          axis.name(), left, axis.size(), axis.least());
    }
  }

  /** Axis names with their removed indices. */
  public ObjectNode toJson() {
    return removed.toJson();
  }

  /** The reverse of {@link #toJson}. */
  public static WidthPlan fromJson(JsonNode json) {
    return new WidthPlan(Groups.fromJson(json));
  }
}
