package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.BitSet;
import java.util.Optional;

/**
 * Where a text may be cut so that the ids of its pieces, one after the other, are those of the
 * whole: before a single space between two words.
 *
 * <pre>
 *   … the cat| sat on| the mat.
 * </pre>
 *
 * This holds where no token reaches over such a place and nothing that is done to a text before it
 * is cut into words looks over it; {@link CuttingRules} says for which tokenizers that is known.
 *
 * @param left characters before a cut
 * @param right characters after its space
 * @param spaceIsPut whether a space is put before every text, so that a piece goes without its own
 */
record Cuts(BitSet left, BitSet right, boolean spaceIsPut) {
  private static final int LAST = Character.MAX_VALUE;

  /** Of a {@code tokenizer.json}; empty where it is not known that pieces have the same ids. */
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
    return Optional.of(new Cuts(left, right, CuttingRules.putsSpace(root)));
  }

  /** Letters, digits and the usual marks; nothing that could join with what stands before it. */
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

  /** The first cut of {@code text} from {@code from} on, the place of a space; or its end. */
  int next(String text, int from) {
    int last = text.length() - 1;
    for (int at = text.indexOf(' ', Math.max(1, from)); at > 0; at = text.indexOf(' ', at + 1)) {
      if (at < last && left.get(text.charAt(at - 1)) && right.get(text.charAt(at + 1))) {
        return at;
      }
    }
    return text.length();
  }

  /** Whether a text has more cuts than that; each has a token after it at least, for its space. */
  boolean exceed(String text, int number) {
    int cuts = 0;
    for (int at = next(text, 1); at < text.length() && cuts <= number; at = next(text, at + 1)) {
      cuts++;
    }
    return cuts > number;
  }

  /** Where the piece that was cut at {@code cut}, 0 for the first, begins. */
  int begin(int cut) {
    return cut > 0 && spaceIsPut ? cut + 1 : cut;
  }
}
