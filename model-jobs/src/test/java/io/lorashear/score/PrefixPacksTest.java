package io.lorashear.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PrefixPacksTest {

  @Test
  void theDrawnExampleComesOut() {
    var packs =
        PrefixPacks.of(
            List.of(
                request(List.of(10, 11), List.of(12, 1)),
                request(List.of(10, 11), List.of(13, 14, 2)),
                request(List.of(10), List.of(15, 3))),
            100,
            100);
    assertThat(packs).hasSize(1);
    var pack = packs.get(0);
    assertThat(pack.ids()).containsExactly(10, 11, 12, 13, 14, 15);
    assertThat(pack.positions()).containsExactly(0, 1, 2, 2, 3, 1);
    assertThat(pack.ends()).containsExactly(6, 5, 3, 5, 5, 6);
    assertThat(pack.rows()).containsExactly(0, 1, 2, 3, 4, 5);
  }

  @Test
  void choicesOfOneTokenShareEverything() {
    var packs =
        PrefixPacks.of(
            List.of(request(List.of(5, 6, 7), List.of(8)), request(List.of(5, 6, 7), List.of(9))),
            100,
            100);
    assertThat(packs.get(0).ids()).containsExactly(5, 6, 7);
    assertThat(packs.get(0).rows()).containsExactly(2);
    assertThat(packs.get(0).askedTargets()).containsExactly(8, 9);
  }

  /** What a node sees, by the rule of the pack, is the request's own beginning; nothing else. */
  @Property(tries = 300)
  void everyContinuationTokenIsAskedForBehindItsOwnPrefix(
      @ForAll("requests") List<Request> requests,
      @ForAll @IntRange(min = 5, max = 12) int longest,
      @ForAll @IntRange(min = 1, max = 40) int limit) {
    var found = new TreeMap<Integer, Set<List<Integer>>>();
    for (PrefixPack pack : PrefixPacks.of(requests, longest, limit)) {
      for (int k = 0; k < pack.requests().length; k++) {
        var seen = seen(pack, pack.rows()[pack.askedRows()[k]]);
        seen.add(pack.askedTargets()[k]);
        found.computeIfAbsent(pack.requests()[k], r -> new HashSet<>()).add(seen);
      }
    }
    for (int r = 0; r < requests.size(); r++) {
      assertThat(found.getOrDefault(r, Set.of())).isEqualTo(prefixes(requests.get(r), longest));
    }
  }

  /** With no limit there are as many nodes as distinct beginnings: nothing is computed twice. */
  @Property(tries = 200)
  void nothingIsComputedTwice(@ForAll("requests") List<Request> requests) {
    var beginnings = new HashSet<List<Integer>>();
    for (Request request : requests) {
      var tokens = tokens(request);
      for (int end = 1; end < tokens.size() && request.continuation().length > 0; end++) {
        beginnings.add(List.copyOf(tokens.subList(0, end)));
      }
    }
    var packs = PrefixPacks.of(requests, 100, Integer.MAX_VALUE);
    assertThat(packs.stream().mapToInt(pack -> pack.ids().length).sum())
        .isEqualTo(beginnings.size());
  }

  @Property(tries = 200)
  void packsKeepTheLimitUnlessOneSequenceIsLonger(
      @ForAll("requests") List<Request> requests, @ForAll @IntRange(min = 1, max = 40) int limit) {
    int longest = requests.stream().mapToInt(r -> tokens(r).size() - 1).max().orElse(0);
    for (PrefixPack pack : PrefixPacks.of(requests, 100, limit)) {
      assertThat(pack.ids()).hasSizeLessThanOrEqualTo(Math.max(limit, longest));
    }
  }

  @Test
  void aContinuationLongerThanTheModelIsRefused() {
    var request = request(List.of(1), List.of(2, 2, 2, 2, 2));
    assertThatThrownBy(() -> PrefixPacks.of(List.of(request), 4, 100))
        .hasMessage(
            "A continuation of 5 tokens does not fit the model's 4 positions: leave it out");
  }

  @Provide
  Arbitrary<List<Request>> requests() {
    var context = Arbitraries.integers().between(0, 2).array(int[].class).ofMinSize(1).ofMaxSize(9);
    var continuation =
        Arbitraries.integers().between(0, 2).array(int[].class).ofMinSize(0).ofMaxSize(5);
    return Combinators.combine(context, continuation).as(Request::new).list().ofMaxSize(8);
  }

  /** By brute force: (context + continuation)[-(longest + 1):], cut after each scored token. */
  private static Set<List<Integer>> prefixes(Request request, int longest) {
    var all = tokens(request);
    var kept = all.subList(Math.max(0, all.size() - longest - 1), all.size());
    var prefixes = new HashSet<List<Integer>>();
    for (int back = 0; back < request.continuation().length; back++) {
      prefixes.add(List.copyOf(kept.subList(0, kept.size() - back)));
    }
    return prefixes;
  }

  private static List<Integer> seen(PrefixPack pack, int node) {
    var seen = new ArrayList<Integer>();
    for (int j = 0; j <= node; j++) {
      if (node < pack.ends()[j]) {
        assertThat(pack.positions()[j]).isEqualTo(seen.size());
        seen.add(pack.ids()[j]);
      }
    }
    return seen;
  }

  private static List<Integer> tokens(Request request) {
    var tokens = new ArrayList<Integer>();
    Arrays.stream(request.context()).forEach(tokens::add);
    Arrays.stream(request.continuation()).forEach(tokens::add);
    return tokens;
  }

  private static Request request(List<Integer> context, List<Integer> continuation) {
    return new Request(
        context.stream().mapToInt(i -> i).toArray(),
        continuation.stream().mapToInt(i -> i).toArray());
  }
}
