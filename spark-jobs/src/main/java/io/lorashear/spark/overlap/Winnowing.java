package io.lorashear.spark.overlap;

import java.util.ArrayList;
import java.util.List;

/**
 * Selects some of a text's runs of words so that texts with a long common run select a common one
 * (Schleimer, Wilkerson and Aiken, Winnowing: local algorithms for document fingerprinting, SIGMOD
 * 2003):
 *
 * <pre>
 *   from every window of w consecutive runs the one with the smallest hash, the last of equals
 *   common runs of w + k − 1 words are always found, those of fewer than k never
 *   of all runs, about 2/(w + 1) are chosen
 * </pre>
 *
 * @param run words in a run: k
 * @param window runs in a window: w
 */
public record Winnowing(int run, int window) {

  /**
   * Winnowing that finds every common run of {@code words} words (at least 2), and none of fewer
   * than half.
   */
  public static Winnowing finding(int words) {
    var run = (words + 1) / 2;
    return new Winnowing(run, words - run + 1);
  }

  /**
   * A chosen run.
   *
   * @param first number of its first word, from 0
   */
  public record Fingerprint(long hash, int first) {}

  /** The chosen runs, in order; a text with fewer than {@link #window} runs has one. */
  public List<Fingerprint> of(Words words) {
    var hashes = words.grams(run);
    var chosen = new ArrayList<Fingerprint>();
    var smallest = -1;
    for (var end = Math.min(window, hashes.length); end <= hashes.length && end > 0; end++) {
      var start = Math.max(0, end - window);
      if (smallest < start) {
        smallest = last(hashes, start, end);
      } else if (hashes[end - 1] <= hashes[smallest]) {
        smallest = end - 1;
      } else {
        continue;
      }
      chosen.add(new Fingerprint(hashes[smallest], smallest));
    }
    return chosen;
  }

  /** The position of the smallest of some hashes; the last of equal ones. */
  private static int last(long[] hashes, int start, int end) {
    var smallest = start;
    for (var i = start + 1; i < end; i++) {
      smallest = hashes[i] <= hashes[smallest] ? i : smallest;
    }
    return smallest;
  }
}
