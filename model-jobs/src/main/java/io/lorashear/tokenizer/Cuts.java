package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.BitSet;
import java.util.Optional;

/**
 * Places where a text may be cut so that the ids of its pieces, concatenated, are those of the
 * whole: before a single space between two words, and, if a pattern separates words, also before a
 * single line end after a letter.
 *
 * <pre>
 *   … the cat| sat on| the mat.| It|
 *   purred
 * </pre>
 *
 * This is valid if no token crosses such a place and no normalisation looks across it; {@link
 * CuttingRules} lists the tokenizers for which that is known.
 *
 * @param left characters that may precede a cut
 * @param right characters that may follow the space at a cut
 * @param byPattern whether a pattern separates words from each other and punctuation from letters
 * @param spaceIsPut whether the tokenizer prepends a space to every text, so that a piece drops its
 *     own
 */
record Cuts(BitSet left, BitSet right, boolean byPattern, boolean spaceIsPut) {
  private static final String MARKS = ",.;:!?";
  private static final int LAST = Character.MAX_VALUE;

  /** The cuts for a {@code tokenizer.json}; empty if pieces may have other ids. */
  static Optional<Cuts> of(JsonNode root) {
    if (!CuttingRules.known(root)) {
      return Optional.empty();
    }
    var left = visible();
    var right = visible();
    for (var added : root.path("added_tokens")) {
      var content = added.path("content").asText();
      if (!content.isEmpty()) {
        left.clear(content.charAt(content.length() - 1));
        right.clear(content.charAt(0));
      }
    }
    return Optional.of(
        new Cuts(left, right, CuttingRules.byPattern(root), CuttingRules.putsSpace(root)));
  }

  /**
   * Letters, digits and common punctuation; no character that could combine with the one before it.
   */
  private static BitSet visible() {
    var visible = new BitSet(LAST + 1);
    visible.set('!', '~' + 1);
    visible.set('\u2010', '\u2027');
    for (char c = '\u00c0'; c < LAST; c++) {
      if (Character.isLetter(c)) {
        visible.set(c);
      }
    }
    return visible;
  }

  /**
   * The position of the first cut of {@code text} from {@code from} on; the text's length if there
   * is none.
   */
  int next(String text, int from) {
    int last = text.length() - 1;
    for (int at = Math.max(1, from); at < last; at++) {
      char c = text.charAt(at);
      if ((c == ' ' && left.get(text.charAt(at - 1))
              || c == '\n' && byPattern && endsInLetter(text, at))
          && right.get(text.charAt(at + 1))) {
        return at;
      }
    }
    return text.length();
  }

  private boolean endsInLetter(String text, int end) {
    char c = text.charAt(end - 1);
    return (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') && left.get(c);
  }

  /**
   * The end of a piece without its final punctuation mark; the mark is a token by itself, so that
   * words with and without it share a cache entry.
   */
  int withoutMark(String text, int from, int to) {
    boolean mark =
        byPattern
            && to - from > 2
            && MARKS.indexOf(text.charAt(to - 1)) >= 0
            && left.get(text.charAt(to - 1))
            && endsInLetter(text, to - 1);
    return mark ? to - 1 : to;
  }

  /** Whether a text has more cuts than {@code number}; each is followed by at least one token. */
  boolean exceed(String text, int number) {
    int cuts = 0;
    for (int at = next(text, 1); at < text.length() && cuts <= number; at = next(text, at + 1)) {
      cuts++;
    }
    return cuts > number;
  }

  /** Begin of the piece after the cut at {@code cut}; 0 gives the first piece. */
  int begin(int cut) {
    return cut > 0 && spaceIsPut ? cut + 1 : cut;
  }
}
