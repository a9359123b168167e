package io.lorashear.spark.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.corpus.DrawKey;
import io.lorashear.corpus.SubsetManifest.Drawn;
import io.lorashear.spark.select.SubsetSampler.Cursor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SubsetSamplerTest {

  /** Sequences a/0, a/1, … */
  private record SmallPool(long seed, Map<String, Integer> sizes) implements Pool {
    @Override
    public long size(String source) {
      return sizes.getOrDefault(source, 0);
    }

    @Override
    public List<Candidate> next(String source, int pass, String after, long count) {
      return IntStream.range(0, (int) size(source))
          .mapToObj(i -> source + "/" + i)
          .map(id -> new Candidate(DrawKey.of(seed, pass, id), new Drawn(id, "shard", 0, source)))
          .filter(candidate -> candidate.key().compareTo(after) > 0)
          .sorted(Comparator.comparing(Candidate::key))
          .limit(count)
          .toList();
    }
  }

  @Property(tries = 100)
  void noSequenceComesTwiceBeforeAllHaveComeOnce(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 50) int size,
      @ForAll @Size(min = 1, max = 8) List<@IntRange(max = 60) Integer> rounds) {
    var sampler = new SubsetSampler(new SmallPool(seed, Map.of("a", size)));
    Map<String, Cursor> cursors = new HashMap<>();
    var seen = new ArrayList<String>();
    for (int round = 0; round < rounds.size(); round++) {
      int quota = rounds.get(round);
      var drawn = sampler.draw(new TreeMap<>(Map.of("a", (long) quota)), cursors, round);
      assertThat(drawn.drawn()).hasSize(quota);
      drawn.drawn().forEach(one -> seen.add(one.sequence()));
      cursors = drawn.cursors();
    }
    var times = new HashMap<String, Integer>();
    seen.forEach(id -> times.merge(id, 1, Integer::sum));
    int most = times.values().stream().mapToInt(n -> n).max().orElse(0);
    int least = times.size() < size ? 0 : times.values().stream().mapToInt(n -> n).min().orElse(0);
    assertThat(most - least).isLessThanOrEqualTo(1);
  }

  @Test
  void everySequenceIsEquallyLikely() {
    int size = 10;
    int trials = 4000;
    int quota = 3;
    var times = new HashMap<String, Integer>();
    for (int seed = 0; seed < trials; seed++) {
      new SubsetSampler(new SmallPool(seed, Map.of("a", size)))
          .draw(new TreeMap<>(Map.of("a", (long) quota)), Map.of(), 0)
          .drawn()
          .forEach(one -> times.merge(one.sequence(), 1, Integer::sum));
    }
    double expected = (double) trials * quota / size;
    double chiSquare =
        times.values().stream().mapToDouble(n -> (n - expected) * (n - expected) / expected).sum();
    assertThat(times).hasSize(size);
    // a draw without repeats varies less than a free one; 27.9 is the 0.999 quantile, 9 degrees
    assertThat(chiSquare).isLessThan(27.9);
  }

  @Test
  void sourcesAreMixedAndTheSameEveryTime() {
    var pool = new SmallPool(5, Map.of("a", 100, "b", 100));
    var quotas = new TreeMap<>(Map.of("a", 40L, "b", 20L));
    var first = new SubsetSampler(pool).draw(quotas, Map.of(), 0);
    assertThat(new SubsetSampler(pool).draw(quotas, Map.of(), 0)).isEqualTo(first);
    var ids = first.drawn().stream().map(Drawn::sequence).toList();
    assertThat(new HashSet<>(ids)).hasSize(60);
    long inFirstHalf = ids.subList(0, 30).stream().filter(id -> id.startsWith("a")).count();
    assertThat(inFirstHalf).isBetween(12L, 28L);
  }

  @Test
  void aSourceWithNothingInItIsNamed() {
    var sampler = new SubsetSampler(new SmallPool(5, Map.of()));
    assertThatThrownBy(() -> sampler.draw(new TreeMap<>(Map.of("a", 1L)), Map.of(), 0))
        .isInstanceOf(InputException.class)
        .hasMessage("a has no sequence to draw: leave it out of sources, or ingest more of it");
  }
}
