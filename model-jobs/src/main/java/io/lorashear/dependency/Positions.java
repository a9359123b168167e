package io.lorashear.dependency;

import io.lorashear.graph.Extent;
import io.lorashear.graph.Extent.Axis;
import io.lorashear.graph.Extent.Concat;
import io.lorashear.graph.Extent.Index;
import io.lorashear.graph.Extent.Product;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Positions of an axis's indices along a dimension.
 *
 * <pre>
 *   extent (a × 2), a = 3        position   0 1 2 3 4 5
 *                                owner      0 0 1 1 2 2
 *   keep a = {0, 2}              kept       0 1     4 5
 * </pre>
 */
public final class Positions {
  /** Owner of a position that belongs to no index of the axis. */
  public static final int NONE = -1;

  private Positions() {}

  /**
   * For every occurrence of {@code axis} in {@code extent}, the index that owns each position, or
   * {@link #NONE}. Occurrences in different parts of a concatenation share an array; occurrences in
   * one product do not, because a position then has one owner for each.
   */
  public static List<int[]> owners(Extent extent, Axis axis) {
    if (extent instanceof Axis atom) {
      return atom.equals(axis) ? List.of(identity(axis.indices())) : List.of();
    }
    if (extent instanceof Index one) {
      return one.axis().equals(axis) ? List.of(new int[] {one.index()}) : List.of();
    }
    if (extent instanceof Concat concat) {
      return joined(concat, axis);
    }
    var found = new ArrayList<int[]>();
    var factors = ((Product) extent).factors();
    for (int i = 0; i < factors.size(); i++) {
      int outer = new Product(factors.subList(0, i)).size();
      int inner = new Product(factors.subList(i + 1, factors.size())).size();
      owners(factors.get(i), axis).forEach(owner -> found.add(repeated(owner, outer, inner)));
    }
    return found;
  }

  /** Number of arrays that {@link #owners} returns. */
  static int occurrences(Extent extent, Axis axis) {
    if (extent instanceof Product product) {
      return product.factors().stream().mapToInt(factor -> occurrences(factor, axis)).sum();
    }
    if (extent instanceof Concat concat) {
      return concat.parts().stream().mapToInt(part -> occurrences(part, axis)).max().orElse(0);
    }
    return extent.equals(axis) || (extent instanceof Index one && one.axis().equals(axis)) ? 1 : 0;
  }

  private static List<int[]> joined(Concat concat, Axis axis) {
    var found = new ArrayList<int[]>();
    int offset = 0;
    for (var part : concat.parts()) {
      var owners = owners(part, axis);
      while (found.size() < owners.size()) {
        var nobody = new int[concat.size()];
        Arrays.fill(nobody, NONE);
        found.add(nobody);
      }
      for (int i = 0; i < owners.size(); i++) {
        System.arraycopy(owners.get(i), 0, found.get(i), offset, owners.get(i).length);
      }
      offset += part.size();
    }
    return found;
  }

  private static int[] repeated(int[] owner, int outer, int inner) {
    var all = new int[outer * owner.length * inner];
    for (int position = 0; position < all.length; position++) {
      all[position] = owner[position / inner % owner.length];
    }
    return all;
  }

  /** The positions, ascending, whose every axis index is among {@code kept}'s. */
  public static int[] kept(Extent extent, Function<Axis, int[]> kept) {
    if (extent instanceof Axis axis) {
      return kept.apply(axis);
    }
    if (extent instanceof Index one) {
      boolean stays = Arrays.stream(kept.apply(one.axis())).anyMatch(i -> i == one.index());
      return stays ? new int[] {0} : new int[0];
    }
    if (extent instanceof Concat concat) {
      var all = new ArrayList<int[]>();
      int offset = 0;
      for (var part : concat.parts()) {
        int start = offset;
        all.add(Arrays.stream(kept(part, kept)).map(position -> position + start).toArray());
        offset += part.size();
      }
      return all.stream().flatMapToInt(Arrays::stream).toArray();
    }
    var positions = new int[] {0};
    for (var factor : ((Product) extent).factors()) {
      positions = crossed(positions, kept(factor, kept), factor.size());
    }
    return positions;
  }

  private static int[] crossed(int[] slow, int[] fast, int size) {
    var all = new int[slow.length * fast.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = slow[i / fast.length] * size + fast[i % fast.length];
    }
    return all;
  }

  private static int[] identity(int size) {
    var all = new int[size];
    Arrays.setAll(all, i -> i);
    return all;
  }
}
