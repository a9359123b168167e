package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * The maximum number of characters that a token covers. It gives a lower bound on the tokens of a
 * long text without encoding it:
 *
 * <pre>
 *   tokens ≥ visible characters / longest
 * </pre>
 *
 * It is known if every character has tokens of its own, so that no run of unknown characters
 * becomes a single token.
 *
 * @param longest maximum length of a token, in UTF-16 units of the original text
 */
record Reach(int longest) {
  /** Maximum number of characters that NFC composes into one. */
  private static final int COMPOSED = 4;

  /** The reach of a {@code tokenizer.json}; empty if a token may cover any length. */
  static Optional<Reach> of(JsonNode root) {
    if (!CuttingRules.known(root)) {
      return Optional.empty();
    }
    var model = root.path("model");
    var vocabulary = model.path("vocab");
    boolean everyByte = model.path("byte_fallback").asBoolean() && fallsBack(vocabulary);
    if (!everyByte && !spellsBytes(vocabulary)) {
      return Optional.empty();
    }
    int longest = 1;
    for (var token : vocabulary.properties()) {
      longest = Math.max(longest, token.getKey().length());
    }
    for (var added : root.path("added_tokens")) {
      longest = Math.max(longest, added.path("content").asText().length());
    }
    return Optional.of(new Reach(longest * COMPOSED));
  }

  private static boolean fallsBack(JsonNode vocabulary) {
    for (int b = 0; b < 256; b++) {
      if (!vocabulary.has("<0x%02X>".formatted(b))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether the bytes of all visible characters of the Basic Multilingual Plane are tokens, as in
   * GPT-2.
   */
  private static boolean spellsBytes(JsonNode vocabulary) {
    for (int b = '!'; b <= 0xEF; b++) {
      boolean control = b == 0x7F || b == 0xC0 || b == 0xC1;
      if (!control && !vocabulary.has(BytePairVocabulary.letter(b))) {
        return false;
      }
    }
    return true;
  }

  /** Whether the part of a text certainly has more than {@code tokens} tokens. */
  boolean exceeds(String text, int from, int to, int tokens) {
    long most = (long) tokens * longest;
    long seen = 0;
    for (int i = from; i < to && seen <= most; i++) {
      seen += visible(text.charAt(i)) ? 1 : 0;
    }
    return seen > most;
  }

  private static boolean visible(char c) {
    return c > ' ' && c < 0x7F
        || c > 0xA0 && c < Character.MIN_SURROGATE && !Character.isSpaceChar(c);
  }
}
