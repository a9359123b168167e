package io.lorashear.vocabulary;

import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Which tokens a model can do without.
 *
 * <pre>
 *   Δ(t)  = n(t)/N · (p(t) − 1) · ℓ       expected rise of the loss, nats a token, if t goes
 *   R(k)  = the k rarest tokens, less those that must stay and those that the others are made of
 *   k*    = the largest k with   Σ n(t) over R(k) ≤ s · N   and   |R(k)| ≤ most
 * </pre>
 *
 * n(t) counts the token in the corpus, N all tokens; a removed token is spelled by p(t) others,
 * each of which costs about ℓ, the mean loss. Every token has the same number of parameters, so the
 * rarest are the cheapest; p, which changes with what else is removed, does not enter the order.
 * The scores of heads and channels are on a scale that differs from method to method and is not in
 * nats, so the two are not compared: s, the share of the corpus that is spelled differently
 * afterwards, is given. Of equally rare tokens the highest id goes first, which byte-pair
 * vocabularies learnt last.
 *
 * @param counts n by id; 0 for ids beyond its end
 * @param tokens ids that have a token
 * @param mandatory those that must stay
 * @param needs by id, the tokens that must stay if it does
 * @param rows rows of the embedding: the ids that may go
 */
@SuppressWarnings("ArrayRecordComponent") // counts, never compared
record RareTokens(long[] counts, BitSet tokens, BitSet mandatory, List<int[]> needs, int rows) {

  /**
   * The tokens to remove.
   *
   * @param ids R(k*), and the rows that no token has
   * @param full whether it was {@code most} that ended the choice, not s
   */
  record Choice(BitSet ids, boolean full) {}

  /**
   * The choice within both limits.
   *
   * @param share s
   * @param most maximum number of rows that may go
   */
  Choice choose(double share, long most) {
    var order = order();
    double limit = share * LongStream.of(counts).sum();
    int possible = 0;
    int impossible = order.length + 1;
    var best = gone(order, 0);
    boolean full = best.cardinality() >= most;
    while (impossible - possible > 1) {
      int k = (possible + impossible) >>> 1;
      var gone = gone(order, k);
      boolean rare = held(gone) <= limit;
      if (rare && gone.cardinality() <= most) {
        possible = k;
        best = gone;
      } else {
        impossible = k;
        full = rare;
      }
    }
    return new Choice(best, full);
  }

  /** Ids, the rarest first. */
  private int[] order() {
    return IntStream.range(0, rows)
        .boxed()
        .sorted(Comparator.<Integer>comparingLong(this::count).thenComparing(id -> -id))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private long count(int id) {
    return id < counts.length ? counts[id] : 0;
  }

  /** R(k). */
  private BitSet gone(int[] order, int k) {
    var wanted = (BitSet) mandatory.clone();
    for (int i = k; i < order.length; i++) {
      wanted.set(order[i]);
    }
    wanted.and(tokens);
    var kept = (BitSet) wanted.clone();
    wanted.stream().forEach(id -> IntStream.of(needs.get(id)).forEach(kept::set));
    var gone = new BitSet();
    gone.set(0, rows);
    gone.andNot(kept);
    return gone;
  }

  /** How often tokens occur. */
  long held(BitSet tokens) {
    return tokens.stream().mapToLong(this::count).sum();
  }
}
