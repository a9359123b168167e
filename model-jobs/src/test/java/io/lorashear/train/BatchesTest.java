package io.lorashear.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.corpus.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BatchesTest {
  /** A seed names the same rows for ever: what it drew is drawn here row by row. */
  @Property(tries = 100)
  void everyPassIsAShuffleOfItsOwn(
      @ForAll @IntRange(min = 1, max = 9) int sequences,
      @ForAll @IntRange(min = 1, max = 4) int rows,
      @ForAll @IntRange(min = 1, max = 3) int accumulate,
      @ForAll long seed) {
    var all = TinyModel.sequences(sequences, 6, 3);
    var batches = Batches.shuffled(all, rows, accumulate, seed);
    for (long step : new long[] {0, 1, 2, 3, 4, 1}) { // back to an earlier one, too
      var drawn = new ArrayList<int[]>();
      batches.of(step).forEach(batch -> drawn.addAll(Arrays.asList(batch.ids())));
      assertThat(drawn).hasSize(rows * accumulate);
      for (int i = 0; i < drawn.size(); i++) {
        long at = step * rows * accumulate + i;
        assertThat(drawn.get(i)).isSameAs(row(all, at, seed).inputIds());
      }
    }
  }

  /** Fisher–Yates from the last place down, by Java's own random numbers. */
  private static Sequence row(List<Sequence> all, long at, long seed) {
    var random = new Random(seed * 1_000_003 + at / all.size());
    var order = new ArrayList<>(all);
    for (int i = order.size() - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      var kept = order.get(i);
      order.set(i, order.get(other));
      order.set(other, kept);
    }
    return order.get((int) (at % all.size()));
  }

  @Test
  void aPassIsShuffledOnce() {
    var made = new ArrayList<Long>();
    var order =
        new Batches.OncePerPass(
            pass -> {
              made.add(pass);
              return new int[] {2, 0, 1};
            });
    for (long at = 0; at < 9; at++) {
      assertThat(order.of(at / 3)).containsExactly(2, 0, 1);
    }
    assertThat(made).containsExactly(0L, 1L, 2L);
  }

  @Test
  void aTeachersShareFallsOnAStraightLine() {
    var constant = new Distillation(row -> null, 0.8, 1);
    assertThat(constant.of(List.of(), 7).weight()).isEqualTo(0.8);
    var falling = constant.falling(4);
    assertThat(falling.of(List.of(), 0).weight()).isEqualTo(0.8);
    assertThat(falling.of(List.of(), 1).weight()).isEqualTo(0.6, within(1e-12));
    assertThat(falling.of(List.of(), 4).weight()).isZero();
    assertThat(falling.of(List.of(), 9).weight()).isZero();
  }
}
