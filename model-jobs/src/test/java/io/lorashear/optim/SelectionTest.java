package io.lorashear.optim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SelectionTest {
  @Property(tries = 300)
  void meetsTheBudgetWithinOneGroupWhereItCan(@ForAll long seed) {
    var random = new Random(seed);
    var axes = new ArrayList<Selection.Candidates>();
    long reachable = 0;
    for (int i = 0; i < 1 + random.nextInt(5); i++) {
      int size = 2 + random.nextInt(20);
      long cost = 1 + random.nextInt(50);
      int most = random.nextInt(size);
      var eligible = new BitSet();
      eligible.set(0, size);
      axes.add(new Selection.Candidates(cost, random.doubles(size).toArray(), eligible, most));
      reachable += cost * most;
    }
    long budget = Math.round(random.nextDouble() * reachable);
    var chosen = Selection.choose(axes, budget, true);
    long removed = 0;
    long largest = 0;
    for (int i = 0; i < axes.size(); i++) {
      assertThat(chosen.get(i).cardinality()).isLessThanOrEqualTo(axes.get(i).most());
      removed += axes.get(i).cost() * chosen.get(i).cardinality();
      largest = Math.max(largest, axes.get(i).cost());
    }
    assertThat(removed).isGreaterThanOrEqualTo(budget);
    assertThat(removed - budget).isLessThan(largest);
  }

  @Test
  void takesTheLeastSalientFirstAndWhatFitsAfter() {
    var all = new BitSet();
    all.set(0, 3);
    var heads = new Selection.Candidates(10, new double[] {0.1, 0.2, 0.9}, all, 2);
    var channels = new Selection.Candidates(1, new double[] {0.3, 0.15, 0.05}, all, 3);
    var chosen = Selection.choose(List.of(heads, channels), 13, false);
    assertThat(chosen.get(0).stream()).containsExactly(0); // the second head does not fit
    assertThat(chosen.get(1).stream()).containsExactly(0, 1, 2);
  }
}
