package io.lorashear.spark.source.wikitext.template;

/**
 * The text around a call.
 *
 * @param before of its line or argument, expanded; its end is enough
 * @param after of its line or argument, as it is written; its beginning is enough
 * @param isListed whether its line belongs to a list or a table
 */
public record Sentence(String before, String after, boolean isListed) {
  /** How much of the text on either side says enough. */
  public static final int REACH = 200;

  private static final String OPENING = "([{«„“‘‚’'\"/–—-−=+×·~≈¿¡_$€£";
  private static final String ENDING = ".!?…。！？:;：";

  /** Whether the call stands in a line with other words, and is no line of its own. */
  boolean isLine() {
    return !lastLine().isBlank() || !firstLine().isBlank();
  }

  /** Whether the call stands in brackets that are still open. */
  boolean inBrackets() {
    return before.lastIndexOf('(') > before.lastIndexOf(')')
        || before.lastIndexOf('（') > before.lastIndexOf('）');
  }

  /**
   * Whether the sentence has a hole without what the call says. Notes stand close behind a word or
   * a full stop, boxes before a new sentence; words of a sentence have a blank, a bracket or a dash
   * before them and go on in small letters or with the next sign, whether there are blanks or not.
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

  /** Whether what follows goes on with a sentence that began before it. */
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

  /** Of a script without capitals and mostly without blanks between words. */
  private static boolean isDense(int c) {
    var script = Character.UnicodeScript.of(c);
    return switch (script) {
      case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR, TIBETAN -> true;
      default -> false;
    };
  }
}
