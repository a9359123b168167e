package io.lorashear.evaluate;

/** Python's rules for white space and capitals, which the reference evaluator uses in prompts. */
final class PythonText {
  private PythonText() {}

  /** {@code str.isspace} of one character: wider than Java's, which leaves out no-break spaces. */
  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  /** {@code str.strip()}. */
  static String strip(String text) {
    int start = 0;
    int end = textEnd(text);
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    return text.substring(start, end);
  }

  /** Where {@code str.rstrip()} would cut. */
  static int textEnd(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return end;
  }

  /** {@code str.capitalize()}: the first letter in title case, all others in lower case. */
  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.codePointAt(0);
    return Character.toString(Character.toTitleCase(first))
        + text.substring(Character.charCount(first)).toLowerCase(java.util.Locale.ROOT);
  }
}
