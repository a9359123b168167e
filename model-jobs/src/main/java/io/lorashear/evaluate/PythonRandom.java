package io.lorashear.evaluate;

import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.random.MersenneTwister;

/**
 * CPython 3's {@code random.Random(seed)}, reduced to drawing without repeats: the reference
 * evaluator draws few-shot examples with it.
 */
final class PythonRandom {
  private static final int SMALL = 21;
  private static final int FEW = 5;

  private final MersenneTwister bits;

  /** Python seeds with the absolute value, in words of 32 bits, the lowest first. */
  PythonRandom(long seed) {
    long size = Math.abs(seed);
    int low = (int) size;
    int high = (int) (size >>> Integer.SIZE);
    this.bits = new MersenneTwister(high == 0 ? new int[] {low} : new int[] {low, high});
  }

  /** {@code sample(range(n), k)}: k distinct numbers below n, in the order drawn. */
  List<Integer> sample(int n, int k) {
    return n <= tableSize(k) ? fromPool(n, k) : fromSet(n, k);
  }

  /** Python weighs a copied list against a set of what was drawn. */
  private static double tableSize(int k) {
    return k <= FEW ? SMALL : SMALL + Math.pow(4, Math.ceil(Math.log(3.0 * k) / Math.log(4)));
  }

  private List<Integer> fromPool(int n, int k) {
    int[] pool = IntStream.range(0, n).toArray();
    return IntStream.range(0, k)
        .map(
            i -> {
              int j = below(n - i);
              int drawn = pool[j];
              pool[j] = pool[n - i - 1];
              return drawn;
            })
        .boxed()
        .toList();
  }

  private List<Integer> fromSet(int n, int k) {
    var drawn = new HashSet<Integer>();
    return IntStream.range(0, k)
        .map(
            i -> {
              int j = below(n);
              while (!drawn.add(j)) {
                j = below(n);
              }
              return j;
            })
        .boxed()
        .toList();
  }

  /** {@code _randbelow}: as many bits as n has, again until they are below n. */
  private int below(int n) {
    int spare = Integer.numberOfLeadingZeros(n);
    int drawn = bits.nextInt() >>> spare;
    while (drawn >= n) {
      drawn = bits.nextInt() >>> spare;
    }
    return drawn;
  }
}
