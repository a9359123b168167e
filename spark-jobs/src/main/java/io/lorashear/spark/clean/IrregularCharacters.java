package io.lorashear.spark.clean;

/**
 * Removes characters that carry no text: control, zero-width and private-use ones, halves of
 * surrogate pairs, unassigned ones, and U+FFFD, the mark of a lost character. Unusual spaces become
 * plain ones. A document is dropped if more than {@code share} of its characters are damage, that
 * is, all of these except invisible layout marks (soft hyphens, joiners, directions).
 *
 * @param share maximum share of damaged characters among all, 0 to 1
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
    if (draft.paragraphs().stream().allMatch(IrregularCharacters::regular)
        && regular(draft.response())) {
      return draft.rewritten(String::strip);
    }
    var whole = draft.text() + draft.response();
    var all = whole.codePointCount(0, whole.length());
    var damaged = whole.codePoints().filter(IrregularCharacters::damage).count();
    return damaged > share * all
        ? draft.dropped(reason(), detail(whole, damaged, all))
        : draft.rewritten(IrregularCharacters::cleaned);
  }

  private String detail(String whole, long damaged, int all) {
    var first = whole.codePoints().filter(IrregularCharacters::damage).findFirst().orElse(0);
    return "%d of %d characters, more than %s, the first U+%04X"
        .formatted(damaged, all, share, first);
  }

  static String cleaned(String text) {
    if (regular(text)) {
      return text.strip();
    }
    var out = new StringBuilder(text.length());
    text.codePoints()
        .filter(c -> !irregular(c))
        .map(IrregularCharacters::plain)
        .forEach(out::appendCodePoint);
    return out.toString().strip();
  }

  /** Whether every character can be kept, judged without looking at surrogate pairs. */
  private static boolean regular(String text) {
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      var seen = c >= ' ' && c <= '~' || c == '\n' || c == '\t';
      if (!seen && (irregular(c) || plain(c) != c)) {
        return false;
      }
    }
    return true;
  }

  private static int plain(int c) {
    return switch (Character.getType(c)) {
      case Character.SPACE_SEPARATOR -> ' ';
      case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> '\n';
      default -> c;
    };
  }

  private static boolean irregular(int c) {
    return Character.getType(c) == Character.FORMAT || damage(c);
  }

  private static boolean damage(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL -> c != '\n' && c != '\t';
      case Character.PRIVATE_USE, Character.SURROGATE, Character.UNASSIGNED -> true;
      default -> c == REPLACEMENT;
    };
  }
}
