package io.lorashear.compress;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.dependency.PrunableAxis.Status;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.Extent.Axis;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Widths;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Which indices of which axes go; what is not named stays whole.
 *
 * @param removed indices by axis name; not changed after
 */
public record WidthPlan(Map<String, BitSet> removed) implements Widths {

  /** Nothing goes. */
  public static WidthPlan everything() {
    return new WidthPlan(Map.of());
  }

  /** This plan, and {@code indices} of {@code axis} as well. */
  public WidthPlan without(String axis, int... indices) {
    var more = new TreeMap<>(removed);
    var bits = (BitSet) removed.getOrDefault(axis, new BitSet()).clone();
    IntStream.of(indices).forEach(bits::set);
    more.put(axis, bits);
    return new WidthPlan(more);
  }

  @Override
  public int size(Axis axis) {
    var gone = removed.get(axis.name());
    return axis.indices() - (gone == null ? 0 : gone.cardinality());
  }

  @Override
  public boolean keeps(Axis axis, int index) {
    return !removed.getOrDefault(axis.name(), new BitSet()).get(index);
  }

  /** The indices of {@code axis} that are left, ascending. */
  public int[] kept(Axis axis) {
    var gone = removed.getOrDefault(axis.name(), new BitSet());
    return IntStream.range(0, axis.indices()).filter(index -> !gone.get(index)).toArray();
  }

  /** Sizes of the axes that lose something, by name. */
  public Map<String, Integer> sizes(ModelGraph graph) {
    var sizes = new TreeMap<String, Integer>();
    for (var axis : graph.axes()) {
      if (removed.containsKey(axis.name())) {
        sizes.put(axis.name(), size(axis));
      }
    }
    return sizes;
  }

  /** Parameters of the model that is left. */
  public long parameters(ModelGraph graph) {
    return graph.parameterCount(this);
  }

  /** Number of removal groups that go. */
  public int groups() {
    return removed.values().stream().mapToInt(BitSet::cardinality).sum();
  }

  /**
   * Refuses axes that do not exist, may not lose an index, or would lose all though they are no
   * {@link io.lorashear.dependency.Sublayer}'s.
   */
  public void check(PruningSpace space) {
    removed.forEach(
        (name, gone) -> {
          var axis = space.axis(name);
          boolean all = gone.length() == axis.size() && gone.cardinality() == axis.size();
          if (all && space.sublayers().stream().anyMatch(part -> part.axis().equals(axis))) {
            return; // the whole attention or MLP goes
          }
          if (axis.status() == Status.UNPRUNABLE && !gone.isEmpty()) {
            throw new InputException("axis %s cannot lose an index: %s", name, axis.reason());
          }
          if (gone.length() > axis.size()) {
            throw new InputException(
                "axis %s has %d indices, the plan removes index %d",
                name, axis.size(), gone.length() - 1);
          }
          if (gone.cardinality() == axis.size()) {
            throw new InputException("axis %s would lose all its %d indices", name, axis.size());
          }
          int left = axis.size() - gone.cardinality();
          if (left < axis.least()) {
            throw new InputException(
                "axis %s would keep %d of its %d indices, but every row goes to %d of them",
                name, left, axis.size(), axis.least());
          }
        });
  }

  /** Axis names with the indices that go. */
  public ObjectNode toJson() {
    var json = JsonNodeFactory.instance.objectNode();
    new TreeMap<>(removed).forEach((axis, gone) -> gone.stream().forEach(json.putArray(axis)::add));
    return json;
  }

  /** The reverse of {@link #toJson}. */
  public static WidthPlan fromJson(JsonNode json) {
    var plan = new TreeMap<String, BitSet>();
    json.fields()
        .forEachRemaining(
            entry -> {
              var gone = new BitSet();
              entry.getValue().forEach(index -> gone.set(index.asInt()));
              plan.put(entry.getKey(), gone);
            });
    return new WidthPlan(plan);
  }
}
