package io.lorashear.spark.source.wikitext;

/**
 * Unicode noncharacters, which do not occur in text, used as marks while a page is read. Mark-up
 * that {@code nowiki} turns into text is hidden by some of them until all other mark-up is removed.
 */
final class Marks {
  /** Precedes text at the beginning of a line, so that its first character is not mark-up. */
  static final char TEXT = '\ufdd0';

  static final char SUPERSCRIPT = '\ufdd1';
  static final char SUBSCRIPT = '\ufdd2';
  static final char END_OF_SCRIPT = '\ufdd3';

  private static final char FIRST_HIDDEN = '\ufdd4';
  private static final char LAST = '\ufdef';
  private static final String HIDDEN = "{}[]|'<>=*#:;_-!\n";

  private Marks() {}

  /** {@code text} without noncharacters of its own. */
  static String none(String text) {
    for (var i = 0; i < text.length(); i++) {
      if (isMark(text.charAt(i))) {
        return text.replaceAll("[\ufdd0-\ufdef]", "");
      }
    }
    return text;
  }

  private static boolean isMark(char c) {
    return c >= TEXT && c <= LAST;
  }

  /** Appends a part of {@code text} so that nothing in it is read as mark-up. */
  static void hide(String text, int from, int to, StringBuilder out) {
    for (var i = from; i < to; i++) {
      var c = text.charAt(i);
      var at = HIDDEN.indexOf(c);
      out.append(at < 0 ? c : (char) (FIRST_HIDDEN + at));
    }
  }

  /** The text with hidden mark-up restored and all marks removed. */
  static String shown(String text) {
    StringBuilder out = null;
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      if (isMark(c)) {
        out = out == null ? new StringBuilder(text.length()).append(text, 0, i) : out;
        if (c >= FIRST_HIDDEN && c - FIRST_HIDDEN < HIDDEN.length()) {
          out.append(HIDDEN.charAt(c - FIRST_HIDDEN));
        }
      } else if (out != null) {
        out.append(c);
      }
    }
    return out == null ? text : out.toString();
  }
}
