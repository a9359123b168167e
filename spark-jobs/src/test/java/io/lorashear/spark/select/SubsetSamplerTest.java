package io.lorashear.spark.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.corpus.DrawKey;
import io.lorashear.corpus.SubsetManifest.Cursor;
import io.lorashear.corpus.SubsetManifest.Drawn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SubsetSamplerTest {

  /**
   * Sequences a/0/0, a/0/1, … of the first generation, a/1/0, … of the next.
   *
   * @param sizes of the generations
   */
  private record SmallPool(long seed, Map<String, List<Integer>> sizes) implements Pool {
    static SmallPool of(long seed, Map<String, Integer> sizes) {
      var generations = new HashMap<String, List<Integer>>();
      sizes.forEach((source, size) -> generations.put(source, List.of(size)));
      return new SmallPool(seed, generations);
    }

    @Override
    public long size(String source) {
      return sizes.getOrDefault(source, List.of()).stream().mapToInt(n -> n).sum();
    }

    @Override
    public SortedSet<Integer> generations(String source) {
      return new TreeSet<>(
          IntStream.range(0, sizes.getOrDefault(source, List.of()).size())
              .filter(generation -> sizes.get(source).get(generation) > 0)
              .boxed()
              .toList());
    }

    @Override
    public List<Candidate> next(
        String source, int pass, SortedMap<Integer, String> after, long count) {
      return after.entrySet().stream()
          .flatMap(
              each ->
                  IntStream.range(0, sizes.get(source).get(each.getKey()))
                      .mapToObj(i -> candidate(source, each.getKey(), pass, i))
                      .filter(one -> one.key().compareTo(each.getValue()) > 0))
          .sorted(Comparator.comparing(Candidate::key))
          .limit(count)
          .toList();
    }

    private Candidate candidate(String source, int generation, int pass, int number) {
      var id = source + "/" + generation + "/" + number;
      return new Candidate(DrawKey.of(seed, pass, id), new Drawn(id, "shard", 0, source));
    }
  }

  @Property(tries = 100)
  void noSequenceComesTwiceBeforeAllHaveComeOnce(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 50) int size,
      @ForAll @Size(min = 1, max = 8) List<@IntRange(max = 60) Integer> rounds) {
    var sampler = new SubsetSampler(SmallPool.of(seed, Map.of("a", size)));
    Map<String, List<Cursor>> cursors = new HashMap<>();
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

  /** Of what is there in a round, nothing is drawn again while something has never been drawn. */
  @Property(tries = 200)
  void whatCameLateIsDrawnOnceBeforeAnythingComesAgain(
      @ForAll long seed,
      @ForAll @Size(min = 1, max = 8) List<@IntRange(max = 30) Integer> growth,
      @ForAll @Size(value = 8) List<@IntRange(max = 50) Integer> quotas) {
    Map<String, List<Cursor>> cursors = new HashMap<>();
    var times = new HashMap<String, Integer>();
    for (int round = 0; round < growth.size(); round++) {
      var pool = new SmallPool(seed, Map.of("a", growth.subList(0, round + 1)));
      int size = (int) pool.size("a");
      int quota = size == 0 ? 0 : quotas.get(round);
      int never = size - times.size();
      var drawn =
          new SubsetSampler(pool).draw(new TreeMap<>(Map.of("a", (long) quota)), cursors, round);
      var first = new HashSet<String>();
      drawn.drawn().stream()
          .map(Drawn::sequence)
          .filter(id -> !times.containsKey(id))
          .forEach(first::add);
      assertThat(drawn.drawn()).hasSize(quota);
      assertThat(first).hasSize(Math.min(quota, never));
      drawn.drawn().forEach(one -> times.merge(one.sequence(), 1, Integer::sum));
      cursors = drawn.cursors();
    }
  }

  /** Three of three, of which one a second time; then two more, of which each comes once first. */
  @Test
  void whatCameLateJoinsThePassOfTheOthers() {
    var first =
        new SubsetSampler(SmallPool.of(3, Map.of("a", 3)))
            .draw(new TreeMap<>(Map.of("a", 4L)), Map.of(), 0);
    var grown = new SubsetSampler(new SmallPool(3, Map.of("a", List.of(3, 2))));
    var second = grown.draw(new TreeMap<>(Map.of("a", 2L)), first.cursors(), 1);
    assertThat(second.drawn()).extracting(Drawn::sequence).containsOnly("a/1/0", "a/1/1");
    var third = grown.draw(new TreeMap<>(Map.of("a", 4L)), second.cursors(), 2);
    var again = first.drawn().stream().map(Drawn::sequence).toList();
    var once = new HashSet<>(List.of("a/0/0", "a/0/1", "a/0/2", "a/1/0", "a/1/1"));
    once.removeIf(id -> again.indexOf(id) != again.lastIndexOf(id));
    assertThat(third.drawn()).extracting(Drawn::sequence).containsExactlyInAnyOrderElementsOf(once);
    assertThat(third.cursors().get("a")).extracting(Cursor::pass).containsExactly(1, 1);
  }

  @Test
  void everySequenceIsEquallyLikely() {
    int size = 10;
    int trials = 4000;
    int quota = 3;
    var times = new HashMap<String, Integer>();
    for (int seed = 0; seed < trials; seed++) {
      new SubsetSampler(SmallPool.of(seed, Map.of("a", size)))
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
    var pool = SmallPool.of(5, Map.of("a", 100, "b", 100));
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
    var sampler = new SubsetSampler(SmallPool.of(5, Map.of()));
    assertThatThrownBy(() -> sampler.draw(new TreeMap<>(Map.of("a", 1L)), Map.of(), 0))
        .isInstanceOf(InputException.class)
        .hasMessage("a has no sequence to draw: leave it out of sources, or ingest more of it");
  }
}
