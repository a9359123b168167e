package io.lorashear.rank;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * From which pairs components are removed. One event removes K2 components per pair, on average.
 */
public enum Allocation {
  /**
   * Every pair loses its own K2 lowest: all pairs have the same rank, as in PrunedLoRA's released
   * code.
   */
  PER_MODULE {
    @Override
    List<int[]> choose(List<double[]> scores, int components, int rank) {
      return scores.stream()
          .map(own -> lowest(own, Math.min(components, own.length - rank)))
          .toList();
    }
  },

  /**
   * The lowest components of all pairs together are removed; ranks may differ, and a pair keeps at
   * least one.
   */
  GLOBAL {
    @Override
    List<int[]> choose(List<double[]> scores, int components, int rank) {
      int pairs = scores.size();
      int left = scores.stream().mapToInt(own -> own.length).sum();
      int due = Math.min(components * pairs, left - rank * pairs);
      var ascending = new ArrayList<Component>();
      for (int pair = 0; pair < pairs; pair++) {
        var order = lowest(scores.get(pair), scores.get(pair).length - 1);
        for (int place : order) {
          ascending.add(new Component(pair, place, scores.get(pair)[place]));
        }
      }
      ascending.sort(Comparator.comparingDouble(Component::score)); // stable
      var gone = ascending.subList(0, due);
      var chosen = new ArrayList<int[]>();
      for (int pair = 0; pair < pairs; pair++) {
        int own = pair;
        chosen.add(
            gone.stream().filter(c -> c.pair == own).mapToInt(Component::place).sorted().toArray());
      }
      return chosen;
    }
  };

  private record Component(int pair, int place, double score) {}

  /**
   * The components that one event removes; at least {@code rank} per pair remain on average.
   *
   * @param scores scores of the remaining components, pair by pair
   * @param components K2
   * @return positions in {@code scores}, ascending, pair by pair
   */
  abstract List<int[]> choose(List<double[]> scores, int components, int rank);

  /** The positions of the {@code count} lowest scores, ascending; of equal scores the first. */
  private static int[] lowest(double[] scores, int count) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(place -> scores[place]))
        .limit(Math.max(0, count))
        .mapToInt(Integer::intValue)
        .sorted()
        .toArray();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
