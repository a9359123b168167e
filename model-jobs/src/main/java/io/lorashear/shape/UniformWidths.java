package io.lorashear.shape;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Searches one width for each kind. It tries all widths of all kinds except the one with the finest
 * steps; of that one, the two widths on both sides of the budget.
 */
final class UniformWidths {
  /** One width of each kind, how far from the budget it ends, and its salience per parameter. */
  private record Choice(List<Integer> widths, long distance, double salience) {}

  private final List<UniformKind> kinds;
  private final int finest;
  private final long step;
  private final List<Choice> choices = new ArrayList<>();

  UniformWidths(List<UniformKind> kinds) {
    this.kinds = kinds;
    int fine = 0;
    for (int k = 1; k < kinds.size(); k++) {
      fine = step(kinds.get(k)) < step(kinds.get(fine)) ? k : fine;
    }
    this.finest = fine;
    this.step = kinds.isEmpty() ? 0 : step(kinds.get(fine));
  }

  /** The largest step between two widths; without any, more than everything. */
  private static long step(UniformKind kind) {
    long largest = 0;
    for (int i = 1; i < kind.widths().size(); i++) {
      long one = kind.removed(kind.widths().get(i)) - kind.removed(kind.widths().get(i - 1));
      largest = Math.max(largest, one);
    }
    return largest == 0 ? Long.MAX_VALUE : largest;
  }

  /** The widths, in the order of the kinds; empty if a kind has none. */
  List<Integer> nearest(long budget) {
    if (kinds.isEmpty() || kinds.stream().anyMatch(kind -> kind.widths().isEmpty())) {
      return List.of();
    }
    combine(new Integer[kinds.size()], 0, budget);
    var near = choices.stream().filter(choice -> choice.distance() <= step / 2).toList();
    var byDistance = Comparator.comparingLong(Choice::distance);
    var bySalience = Comparator.comparingDouble(Choice::salience);
    var best =
        near.isEmpty()
            ? choices.stream().min(byDistance.thenComparing(bySalience))
            : near.stream().min(bySalience.thenComparing(byDistance));
    return best.orElseThrow().widths();
  }

  private void combine(Integer[] widths, int kind, long budget) {
    if (kind == kinds.size()) {
      long rest = budget;
      for (int k = 0; k < kinds.size(); k++) {
        rest -= k == finest ? 0 : kinds.get(k).removed(widths[k]);
      }
      for (int width : around(kinds.get(finest), rest)) {
        widths[finest] = width;
        add(List.of(widths), budget);
      }
    } else if (kind == finest) {
      combine(widths, kind + 1, budget);
    } else {
      for (int width : kinds.get(kind).widths()) {
        widths[kind] = width;
        combine(widths, kind + 1, budget);
      }
    }
  }

  /** The widest that removes {@code rest} at least, and the one before it. */
  private static int[] around(UniformKind kind, long rest) {
    int low = 0;
    int high = kind.widths().size() - 1;
    while (low < high) {
      int middle = (low + high) / 2;
      if (kind.removed(kind.widths().get(middle)) < rest) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return Arrays.stream(new int[] {Math.max(0, low - 1), low})
        .distinct()
        .map(i -> kind.widths().get(i))
        .toArray();
  }

  private void add(List<Integer> widths, long budget) {
    long removed = 0;
    double salience = 0;
    for (int k = 0; k < kinds.size(); k++) {
      removed += kinds.get(k).removed(widths.get(k));
      salience += kinds.get(k).salience(widths.get(k));
    }
    choices.add(
        new Choice(widths, Math.abs(removed - budget), removed == 0 ? 0 : salience / removed));
  }
}
