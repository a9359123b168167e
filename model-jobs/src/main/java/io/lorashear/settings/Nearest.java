package io.lorashear.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The word that a user probably meant: the one with the fewest typing errors between them. */
public final class Nearest {
  private Nearest() {}

  /**
   * The one of {@code words} nearest to {@code typed}, or empty if none is near. Near means at most
   * one slip (a letter missing, added, wrong, or two swapped) in every three letters; capital
   * letters, dashes and underscores do not count.
   */
  public static Optional<String> to(String typed, Collection<String> words) {
    int allowed = Math.max(1, typed.length() / 3);
    return words.stream()
        .filter(word -> slips(plain(typed), plain(word)) <= allowed)
        .min(
            Comparator.<String>comparingInt(word -> slips(plain(typed), plain(word)))
                .thenComparing(Comparator.naturalOrder()));
  }

  private static String plain(String word) {
    return word.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
  }

  /** Damerau–Levenshtein distance (optimal string alignment), by dynamic programming. */
  private static int slips(String a, String b) {
    var table = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        table[i][j] = i == 0 || j == 0 ? i + j : cell(table, a, b, i, j);
      }
    }
    return table[a.length()][b.length()];
  }

  private static int cell(int[][] table, String a, String b, int i, int j) {
    int changed = table[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
    int least = Math.min(changed, 1 + Math.min(table[i - 1][j], table[i][j - 1]));
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(least, table[i - 2][j - 2] + 1) : least;
  }
}
