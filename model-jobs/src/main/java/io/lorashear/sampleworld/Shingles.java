package io.lorashear.sampleworld;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Sets of five words in a row: the measure by which the truth file calls two texts alike. */
final class Shingles {
  static final int WORDS = 5;
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");

  private Shingles() {}

  /** Runs of letters and digits, in lower case. */
  static List<String> words(String text) {
    return WORD.matcher(text)
        .results()
        .map(match -> match.group().toLowerCase(Locale.ROOT))
        .toList();
  }

  static Set<String> of(String text) {
    var words = words(text);
    var shingles = new HashSet<String>();
    for (var i = 0; i + WORDS <= words.size(); i++) {
      shingles.add(String.join(" ", words.subList(i, i + WORDS)));
    }
    return shingles;
  }

  /** |A ∩ B| / |A ∪ B| over the shingles of two texts; 1 where neither has any. */
  static double jaccard(String a, String b) {
    return jaccard(of(a), of(b));
  }

  static double jaccard(Set<String> left, Set<String> right) {
    var shared = left.stream().filter(right::contains).count();
    var all = left.size() + right.size() - shared;
    return all == 0 ? 1 : (double) shared / all;
  }
}
