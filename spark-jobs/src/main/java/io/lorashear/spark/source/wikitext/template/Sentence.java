package io.lorashear.spark.source.wikitext.template;

/**
 * The text around a call.
 *
 * @param before text of its line or argument before it, expanded; the end suffices
 * @param after text of its line or argument after it, as written; the beginning suffices
 * @param isListed whether its line belongs to a list or a table
 */
public record Sentence(String before, String after, boolean isListed) {
  /** Number of characters on either side that suffice. */
  public static final int REACH = 200;

  private static final String OPENING = "([{«„“‘‚’'\"/–—-−=+×·~≈¿¡_$€£";
  private static final String ENDING = ".!?…。！？:;：";

  /** Whether the call is in a line with other words, not on a line of its own. */
  boolean isLine() {
    return !lastLine().isBlank() || !firstLine().isBlank();
  }

  /** Whether the call is inside open brackets. */
  boolean inBrackets() {
    return before.lastIndexOf('(') > before.lastIndexOf(')')
        || before.lastIndexOf('（') > before.lastIndexOf('）');
  }

  /**
   * Whether the sentence would have a gap without the call's text. Notes directly follow a word or
   * a full stop, and boxes precede a new sentence; words of a sentence have a blank, a bracket or a
   * dash before them, and are followed by lower-case letters or punctuation, with or without
   * blanks.
   */
  boolean breaks() {
    var line = lastLine();
    var next = firstLine();
    if (line.isEmpty() && next.isEmpty()) {
      return !before.contains("\n") && !after.contains("\n");
    }
    var words = line.strip();
    if (words.isEmpty()) {
      return goesOn(next);
    }
    var last = words.codePointBefore(words.length());
    var apart = !line.equals(line.stripTrailing());
    if (ENDING.indexOf(last) >= 0) {
      return goesOn(next) || ":：".indexOf(last) >= 0 && apart;
    }
    return apart || OPENING.indexOf(last) >= 0 || isDense(last) && goesOn(next);
  }

  private String lastLine() {
    return plain(before.substring(before.lastIndexOf('\n') + 1));
  }

  private String firstLine() {
    var end = after.indexOf('\n');
    return plain(end < 0 ? after : after.substring(0, end));
  }

  private static String plain(String text) {
    return text.replace("&nbsp;", " ").replace("'''", "").replace("''", "");
  }

  /** Whether the following text continues a sentence that began before the call. */
  private static boolean goesOn(String next) {
    var words = next.strip();
    if (words.isEmpty()) {
      return false;
    }
    var first = words.codePointAt(0);
    return Character.isLowerCase(first)
        || isDense(first)
        || ",)%;’'-–—/(".indexOf(first) >= 0
        || Character.isDigit(first) && next.charAt(0) == ' ';
  }

  /**
   * Whether a character belongs to a script without capitals and mostly without blanks between
   * words.
   */
  private static boolean isDense(int c) {
    var script = Character.UnicodeScript.of(c);
    return switch (script) {
      case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR, TIBETAN -> true;
      default -> false;
    };
  }
}
