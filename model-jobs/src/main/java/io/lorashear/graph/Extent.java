package io.lorashear.graph;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What one dimension of a tensor is made of.
 *
 * <pre>
 *   Extent ::= Axis                      an atom: name, size, role
 *            | Index(Axis, i)            of length 1 while the axis has its index i, then 0
 *            | Product(Extent, …)        kvHeads × group × headDim   (the first varies slowest)
 *            | Concat(Extent, …)         q | k | v                   (may repeat an axis)
 * </pre>
 */
public sealed interface Extent {

  /** The size of the dimension when {@code widths} are left of its axes. */
  int size(Widths widths);

  /** The size of the dimension as traced. */
  default int size() {
    return size(Widths.TRACED);
  }

  /** Adds every atom below to {@code found}, slowest first. */
  void collect(Set<Axis> found);

  /** The atoms of this extent, slowest first, each once. */
  default Set<Axis> axes() {
    var found = new LinkedHashSet<Axis>();
    collect(found);
    return found;
  }

  /**
   * An atom. Axes of one graph are told apart by name.
   *
   * @param indices number of indices, at least 1
   * @param lock why no index can be removed, or empty
   */
  record Axis(String name, int indices, AxisRole role, String lock) implements Extent {
    /** Whether an operator forbids removing an index. */
    public boolean locked() {
      return !lock.isEmpty();
    }

    @Override
    public int size(Widths widths) {
      return widths.size(this);
    }

    @Override
    public void collect(Set<Axis> found) {
      found.add(this);
    }

    @Override
    public String toString() {
      return name + "[" + indices + "]";
    }
  }

  /** One index of an axis: whatever is made of it is removed with that index, as a whole. */
  record Index(Axis axis, int index) implements Extent {
    @Override
    public int size(Widths widths) {
      return widths.keeps(axis, index) ? 1 : 0;
    }

    @Override
    public void collect(Set<Axis> found) {
      found.add(axis);
    }

    @Override
    public String toString() {
      return axis.name() + "@" + index;
    }
  }

  /** A row-major grid of its factors. */
  record Product(List<Extent> factors) implements Extent {
    @Override
    public int size(Widths widths) {
      return factors.stream()
          .mapToInt(factor -> factor.size(widths))
          .reduce(1, Math::multiplyExact);
    }

    @Override
    public void collect(Set<Axis> found) {
      factors.forEach(factor -> factor.collect(found));
    }

    @Override
    public String toString() {
      return "(" + String.join(" × ", factors.stream().map(Object::toString).toList()) + ")";
    }
  }

  /** Its parts one after the other. */
  record Concat(List<Extent> parts) implements Extent {
    @Override
    public int size(Widths widths) {
      return parts.stream().mapToInt(part -> part.size(widths)).reduce(0, Math::addExact);
    }

    @Override
    public void collect(Set<Axis> found) {
      parts.forEach(part -> part.collect(found));
    }

    @Override
    public String toString() {
      return "(" + String.join(" | ", parts.stream().map(Object::toString).toList()) + ")";
    }
  }
}
