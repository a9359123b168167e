package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * How many characters a token covers at most, so that a long text has more tokens than some number
 * without being encoded:
 *
 * <pre>
 *   tokens ≥ visible characters / longest
 * </pre>
 *
 * Known where every character has tokens of its own, and no run of unknown ones becomes one token.
 *
 * @param longest UTF-16 units
 */
record Reach(int longest) {
  /** Composed forms (NFC) have at most so many characters of the decomposed one in one. */
  private static final int COMPOSED = 4;

  /** Of a {@code tokenizer.json}; empty where some token may cover any length. */
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

  /** Whether the bytes of all visible characters of the first plane are tokens, as GPT-2 has it. */
  private static boolean spellsBytes(JsonNode vocabulary) {
    for (int b = '!'; b <= 0xEF; b++) {
      boolean control = b == 0x7F || b == 0xC0 || b == 0xC1;
      if (!control && !vocabulary.has(BytePairVocabulary.letter(b))) {
        return false;
      }
    }
    return true;
  }

  /** Whether that part of a text has more than {@code tokens} tokens for certain. */
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
