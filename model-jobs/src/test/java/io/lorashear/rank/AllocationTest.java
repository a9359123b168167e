package io.lorashear.rank;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class AllocationTest {
  private static List<double[]> scores(Random random, int pairs, int most) {
    var all = new ArrayList<double[]>();
    for (int i = 0; i < pairs; i++) {
      all.add(random.doubles(1 + random.nextInt(most)).map(x -> Math.round(4 * x)).toArray());
    }
    return all;
  }

  private static double[] of(double[] scores, int[] places) {
    return Arrays.stream(places).mapToDouble(place -> scores[place]).toArray();
  }

  @Property(tries = 200)
  void everyPairLosesItsOwnLowest(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int components) {
    var random = new Random(seed);
    var scores =
        scores(random, 4, 6).stream().map(own -> Arrays.copyOf(own, own.length + 2)).toList();
    var chosen = Allocation.PER_MODULE.choose(scores, components, 2);
    for (int i = 0; i < scores.size(); i++) {
      var own = scores.get(i);
      int count = Math.min(components, own.length - 2);
      var lowest = Arrays.stream(own).sorted().limit(count).toArray();
      assertThat(chosen.get(i)).isSorted().doesNotHaveDuplicates().hasSize(count);
      assertThat(Arrays.stream(of(own, chosen.get(i))).sorted().toArray()).isEqualTo(lowest);
    }
  }

  @Property(tries = 200)
  void theLowestOfAllGoAndEveryPairKeepsOne(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int components) {
    var random = new Random(seed);
    var scores = scores(random, 5, 8);
    int left = scores.stream().mapToInt(own -> own.length).sum();
    int rank = left / 5;
    var chosen = Allocation.GLOBAL.choose(scores, components, rank);
    int gone = chosen.stream().mapToInt(places -> places.length).sum();
    assertThat(gone).isEqualTo(Math.min(components * 5, left - 5 * rank));
    double highestGone = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < 5; i++) {
      assertThat(chosen.get(i).length).isLessThan(scores.get(i).length);
      for (double score : of(scores.get(i), chosen.get(i))) {
        highestGone = Math.max(highestGone, score);
      }
    }
    for (int i = 0; i < 5; i++) {
      int own = i;
      boolean spare = scores.get(i).length - chosen.get(i).length > 1;
      var stays = new ArrayList<Double>();
      for (int place = 0; place < scores.get(i).length; place++) {
        int at = place;
        if (Arrays.stream(chosen.get(own)).noneMatch(other -> other == at)) {
          stays.add(scores.get(own)[place]);
        }
      }
      double highest = highestGone;
      assertThat(!spare || stays.stream().allMatch(score -> score >= highest)).isTrue();
    }
  }
}
