package io.lorashear.spark.overlap;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The words of a text in order, as hashes: runs of letters, marks and digits, in lower case, in
 * Unicode's compatible form. Punctuation, capitals and white space make no difference.
 */
public final class Words {
  private static final Hasher64 HASHER = Hashing.xxh3_64();

  /** B of the rolling hash: odd, so that no word's bits are lost. */
  private static final long BASE = 0x9E3779B97F4A7C15L;

  private final long[] hashes;

  private Words(long[] hashes) {
    this.hashes = hashes;
  }

  /** The words of {@code text}. */
  public static Words of(CharSequence text) {
    var plain = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    var hashes = new long[plain.length() / 4 + 4];
    var count = 0;
    var start = -1;
    for (var i = 0; i <= plain.length(); i++) {
      var inside = i < plain.length() && isWord(plain.charAt(i));
      if (inside && start < 0) {
        start = i;
      } else if (!inside && start >= 0) {
        hashes = count < hashes.length ? hashes : Arrays.copyOf(hashes, 2 * count);
        hashes[count++] = HASHER.hashCharsToLong(plain.substring(start, i));
        start = -1;
      }
    }
    return new Words(Arrays.copyOf(hashes, count));
  }

  /**
   * Whether the character belongs to a word; letters outside the Basic Multilingual Plane are
   * surrogate pairs, and surrogates count as letters.
   */
  private static boolean isWord(char c) {
    return Character.isLetterOrDigit(c)
        || Character.isSurrogate(c)
        || switch (Character.getType(c)) {
          case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK -> true;
          default -> false;
        };
  }

  /** Words that were already separated in another way. */
  public static Words ofTokens(List<String> tokens) {
    return new Words(tokens.stream().mapToLong(HASHER::hashCharsToLong).toArray());
  }

  /** The words of all {@code parts}, one part after the other. */
  public static Words of(List<Words> parts) {
    var all = new long[parts.stream().mapToInt(Words::count).sum()];
    var length = 0;
    for (var part : parts) {
      System.arraycopy(part.hashes, 0, all, length, part.count());
      length += part.count();
    }
    return new Words(all);
  }

  public int count() {
    return hashes.length;
  }

  /**
   * A hash of every run of {@code n} words, in order; empty if there are fewer words.
   *
   * <pre>
   *   sum_i     = h_i B^(n−1) + h_(i+1) B^(n−2) + … + h_(i+n−1)        modulo 2^64, h the words' hashes
   *   sum_(i+1) = (sum_i − h_i B^(n−1)) B + h_(i+n)
   *   gram_i    = mix(sum_i)                                           so that any run may be the smallest
   * </pre>
   *
   * The rolling hash of Karp and Rabin (Efficient randomized pattern-matching algorithms, 1987).
   *
   * @param n at least 1
   */
  public long[] grams(int n) {
    var grams = new long[Math.max(0, hashes.length - n + 1)];
    var leading = 1L;
    for (var j = 1; j < n; j++) {
      leading *= BASE;
    }
    var sum = 0L;
    for (var i = 0; i < hashes.length; i++) {
      sum -= i >= n ? hashes[i - n] * leading : 0;
      sum = sum * BASE + hashes[i];
      if (i >= n - 1) {
        grams[i - n + 1] = mix(sum);
      }
    }
    return grams;
  }

  /**
   * Mixes the bits so that every bit of the sum affects every bit of the hash: the last step of
   * SplitMix64.
   */
  private static long mix(long sum) {
    var z = (sum ^ (sum >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
