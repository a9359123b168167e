package io.lorashear.dependency;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An immutable choice of removal groups: for every axis a set of its indices, one bit each.
 *
 * <pre>
 *   none              ∅
 *   all(axes)         every index of every axis
 *   G.plus(H)         G ∪ H                    axis by axis
 *   G.minus(H)        G ∖ H
 *   G.within(H)       G ∩ H
 *   G.cost(c)         Σ over the axes a of c(a) · |G_a|
 * </pre>
 */
public final class Groups {
  private static final Groups NONE = new Groups(new TreeMap<>());

  /** By the axis's name; never an empty set. */
  private final SortedMap<String, BitSet> indices;

  private Groups(SortedMap<String, BitSet> indices) {
    indices.values().removeIf(BitSet::isEmpty);
    this.indices = indices;
  }

  /** No group. */
  public static Groups none() {
    return NONE;
  }

  /** Every group of all {@code axes}. */
  public static Groups all(Collection<PrunableAxis> axes) {
    var indices = new TreeMap<String, BitSet>();
    axes.forEach(
        axis -> indices.computeIfAbsent(axis.name(), n -> new BitSet()).set(0, axis.size()));
    return new Groups(indices);
  }

  /** These groups of one axis. */
  public static Groups of(String axis, int... indices) {
    var bits = new BitSet();
    IntStream.of(indices).forEach(bits::set);
    return of(axis, bits);
  }

  /** The groups of one axis whose bits are set. */
  public static Groups of(String axis, BitSet indices) {
    var copy = new TreeMap<String, BitSet>();
    copy.put(axis, (BitSet) indices.clone());
    return new Groups(copy);
  }

  /** All groups that are in at least one of {@code parts}. */
  public static Groups union(Collection<Groups> parts) {
    var indices = new TreeMap<String, BitSet>();
    for (var part : parts) {
      part.indices.forEach(
          (axis, bits) -> indices.computeIfAbsent(axis, name -> new BitSet()).or(bits));
    }
    return new Groups(indices);
  }

  /** The union with {@code others}. */
  public Groups plus(Groups others) {
    return union(List.of(this, others));
  }

  /** The difference to {@code others}. */
  public Groups minus(Groups others) {
    return changed(others, BitSet::andNot);
  }

  /** The intersection with {@code others}. */
  public Groups within(Groups others) {
    return changed(others, BitSet::and);
  }

  private Groups changed(Groups others, BiConsumer<BitSet, BitSet> change) {
    var left = new TreeMap<String, BitSet>();
    indices.forEach(
        (axis, bits) -> {
          var copy = (BitSet) bits.clone();
          change.accept(copy, others.bits(axis));
          left.put(axis, copy);
        });
    return new Groups(left);
  }

  private BitSet bits(String axis) {
    return indices.getOrDefault(axis, new BitSet());
  }

  /** Names of the axes that have a group here, in their order. */
  public Set<String> axes() {
    return Collections.unmodifiableSet(indices.keySet());
  }

  /** The indices of {@code axis} as bits; a copy. */
  public BitSet indices(String axis) {
    return (BitSet) bits(axis).clone();
  }

  /** Whether the choice contains group {@code index} of {@code axis}. */
  public boolean contains(String axis, int index) {
    var bits = indices.get(axis);
    return bits != null && bits.get(index);
  }

  /** Whether the choice is empty. */
  public boolean isEmpty() {
    return indices.isEmpty();
  }

  /** Number of groups. */
  public int count() {
    return indices.values().stream().mapToInt(BitSet::cardinality).sum();
  }

  /** Number of groups of {@code axis}. */
  public int count(String axis) {
    var bits = indices.get(axis);
    return bits == null ? 0 : bits.cardinality();
  }

  /**
   * Number of parameters of all groups together, while no axis is cut.
   *
   * @param each number of parameters of one group of the axis of that name
   */
  public long cost(ToLongFunction<String> each) {
    return indices.entrySet().stream()
        .mapToLong(axis -> each.applyAsLong(axis.getKey()) * axis.getValue().cardinality())
        .sum();
  }

  /** Axis names with their indices, ascending. */
  public ObjectNode toJson() {
    var json = JsonNodeFactory.instance.objectNode();
    indices.forEach((axis, bits) -> bits.stream().forEach(json.putArray(axis)::add));
    return json;
  }

  /**
   * The reverse of {@link #toJson}.
   *
   * @throws InputException if the value of an axis is not a list of indices
   */
  public static Groups fromJson(JsonNode json) {
    if (!json.isObject()) {
      throw new InputException(
          "%s is no choice of groups: a list of indices for each axis is expected", json);
    }
    var indices = new TreeMap<String, BitSet>();
    json.fields()
        .forEachRemaining(axis -> indices.put(axis.getKey(), bits(axis.getKey(), axis.getValue())));
    return new Groups(indices);
  }

  private static BitSet bits(String axis, JsonNode list) {
    if (!list.isArray()) {
      throw new InputException("the groups of %s are %s: a list is expected", axis, list);
    }
    var bits = new BitSet();
    for (var index : list) {
      if (!index.isInt() || index.intValue() < 0) {
        throw new InputException(
            "the groups of %s hold %s: whole numbers from 0 are expected", axis, index);
      }
      bits.set(index.intValue());
    }
    return bits;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Groups groups && indices.equals(groups.indices);
  }

  @Override
  public int hashCode() {
    return indices.hashCode();
  }

  /** For example {@code {layers.0.mlp.channels={3, 5}}}. */
  @Override
  public String toString() {
    return indices.toString();
  }
}
