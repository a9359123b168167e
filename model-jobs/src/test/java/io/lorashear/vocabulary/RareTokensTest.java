package io.lorashear.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RareTokensTest {
  private static BitSet set(int... ids) {
    var set = new BitSet();
    for (int id : ids) {
      set.set(id);
    }
    return set;
  }

  private static BitSet range(int end) {
    var set = new BitSet();
    set.set(0, end);
    return set;
  }

  /** 4 is never seen but 5 is made of it; 6 has no token. */
  private static RareTokens six() {
    var needs = new ArrayList<int[]>();
    for (int id = 0; id < 6; id++) {
      needs.add(id == 5 ? new int[] {4, 0} : new int[0]);
    }
    return new RareTokens(new long[] {50, 1, 3, 2, 0, 44, 0}, range(6), set(0), needs, 7);
  }

  @Test
  void theRarestGoUntilTheyHoldTheShare() {
    assertThat(six().choose(0, 9).ids()).isEqualTo(set(6));
    assertThat(six().choose(0.01, 9).ids()).isEqualTo(set(1, 6));
    assertThat(six().choose(0.03, 9).ids()).isEqualTo(set(1, 3, 6));
    assertThat(six().choose(0.06, 9)).isEqualTo(new RareTokens.Choice(set(1, 2, 3, 6), false));
    assertThat(six().choose(0.6, 9).ids()).isEqualTo(set(1, 2, 3, 4, 5, 6)); // 5 frees 4
  }

  @Test
  void orUntilTheyFillTheRatio() {
    assertThat(six().choose(0.06, 3)).isEqualTo(new RareTokens.Choice(set(1, 3, 6), true));
    assertThat(six().choose(0.6, 5)).isEqualTo(new RareTokens.Choice(set(1, 2, 3, 6), true));
  }

  /** Both limits hold, and what stays has what it needs. */
  @Property(tries = 200)
  void bothLimitsHold(
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0, max = 1) double share,
      @ForAll @IntRange(min = 0, max = 30) int most) {
    var random = new Random(seed);
    int size = 4 + random.nextInt(26);
    var counts = random.longs(size, 0, 20).toArray();
    List<int[]> needs = new ArrayList<>();
    for (int id = 0; id < size; id++) {
      var needed = new BitSet();
      for (int part = 0; part < id; part++) {
        if (id > 3 && random.nextInt(6) == 0) {
          needed.set(part);
          for (int deeper : needs.get(part)) {
            needed.set(deeper);
          }
        }
      }
      needs.add(needed.stream().toArray());
    }
    var rare = new RareTokens(counts, range(size), set(0, 1, 2), needs, size);
    var gone = rare.choose(share, most).ids();
    assertThat(gone.cardinality()).isLessThanOrEqualTo(most);
    assertThat(rare.held(gone)).isLessThanOrEqualTo((long) (share * rare.held(range(size)) + 1e-9));
    assertThat(gone.intersects(set(0, 1, 2))).isFalse();
    for (int id = gone.nextClearBit(0); id < size; id = gone.nextClearBit(id + 1)) {
      for (int part : needs.get(id)) {
        assertThat(gone.get(part)).isFalse();
      }
    }
  }
}
