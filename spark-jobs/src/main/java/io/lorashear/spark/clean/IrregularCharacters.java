package io.lorashear.spark.clean;

/**
 * Takes out characters that carry no text: control, zero-width and private-use ones, halves of
 * surrogate pairs, unassigned ones, and U+FFFD, the mark of a character lost before. Odd spaces
 * become plain ones. A document with more than {@code share} of them is damaged and goes.
 *
 * @param share of all characters, 0 to 1
 */
record IrregularCharacters(double share) implements CleaningRule {
  private static final long serialVersionUID = 1;
  private static final int REPLACEMENT = 0xFFFD;

  @Override
  public String reason() {
    return "irregular-characters";
  }

  @Override
  public Draft apply(Draft draft) {
    var whole = draft.text() + draft.response();
    var all = whole.codePointCount(0, whole.length());
    var irregular = whole.codePoints().filter(IrregularCharacters::irregular).count();
    return irregular > share * all
        ? draft.dropped(reason())
        : draft.rewritten(IrregularCharacters::cleaned);
  }

  static String cleaned(String text) {
    var out = new StringBuilder(text.length());
    text.codePoints()
        .filter(c -> !irregular(c))
        .map(IrregularCharacters::plain)
        .forEach(out::appendCodePoint);
    return out.toString().strip();
  }

  private static int plain(int c) {
    return switch (Character.getType(c)) {
      case Character.SPACE_SEPARATOR -> ' ';
      case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> '\n';
      default -> c;
    };
  }

  private static boolean irregular(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL -> c != '\n' && c != '\t';
      case Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE, Character.UNASSIGNED ->
          true;
      default -> c == REPLACEMENT;
    };
  }
}
