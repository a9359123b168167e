package io.lorashear.spark.enlarge;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.StringTokenizer;

/**
 * Text of any length out of real words.
 *
 * <pre>
 *   run        6 to 20 words in a row, from a random place of the real text
 *   paragraph  runs, until it has 200 to 1,200 characters
 *   document   paragraphs between blank lines, until it has its length; the last run is cut
 * </pre>
 *
 * Words have their real frequencies, so that a tokenizer works as hard as on real text, and runs
 * are in a new order, so that documents are no duplicates.
 */
final class WordRuns implements Serializable {
  private static final long serialVersionUID = 1;

  private static final int LEAST_WORDS = 6;
  private static final int MOST_WORDS = 20;
  private static final int LEAST_PARAGRAPH = 200;
  private static final int MOST_PARAGRAPH = 1200;

  /** Characters of real text that are kept; more would not make better documents. */
  static final int MOST_TEXT = 16_000_000;

  private final String[] words;

  private WordRuns(String[] words) {
    this.words = words;
  }

  /** The words of these texts, in order, up to {@link #MOST_TEXT} characters. */
  static WordRuns of(Iterable<String> texts) {
    List<String> words = new ArrayList<>();
    long characters = 0;
    for (String text : texts) {
      var tokens = new StringTokenizer(text);
      while (tokens.hasMoreTokens() && characters < MOST_TEXT) {
        var word = tokens.nextToken();
        words.add(word);
        characters += word.length() + 1;
      }
    }
    return new WordRuns(words.toArray(String[]::new));
  }

  /** Number of words. */
  int size() {
    return words.length;
  }

  /**
   * One document.
   *
   * @param random drawn from for this document alone
   * @param length number of characters, above 0; that many are returned, less a space at the end
   */
  String document(SplittableRandom random, int length) {
    var text = new StringBuilder(length + 200);
    int paragraph = random.nextInt(LEAST_PARAGRAPH, MOST_PARAGRAPH);
    while (text.length() < length) {
      if (paragraph <= 0) {
        text.append("\n\n");
        paragraph = random.nextInt(LEAST_PARAGRAPH, MOST_PARAGRAPH);
      } else if (text.length() > 0) {
        text.append(' ');
      }
      int before = text.length();
      run(random, text);
      paragraph -= text.length() - before + 1;
    }
    boolean half = Character.isHighSurrogate(text.charAt(length - 1));
    text.setLength(half ? length - 1 : length);
    return text.toString().strip();
  }

  private void run(SplittableRandom random, StringBuilder text) {
    int count = random.nextInt(LEAST_WORDS, MOST_WORDS + 1);
    int from = random.nextInt(words.length);
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        text.append(' ');
      }
      text.append(words[(from + i) % words.length]);
    }
  }
}
