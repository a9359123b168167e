package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What each token of a byte-pair vocabulary is made of when it is encoded by itself: the two tokens
 * of its last merge, their two, and so on.
 *
 * <pre>
 *   there  ←  the | re      the  ←  th | e      th  ←  t | h      re  ←  r | e
 *   needs(there) = the, re, th, e, t, h, r
 * </pre>
 *
 * <p>Let K be a set of tokens that has, with every token, all that it needs, and M(K) the merges of
 * which both parts and the result are in K, in their old order. Then a word whose old tokens all
 * lie in K has the same tokens by M(K) as by all merges:
 *
 * <ol>
 *   <li>No merge ever crosses the border of a token of the result. So the merges inside one of them
 *       are, one after the other, those of this token encoded by itself: what is first in the whole
 *       word (lowest rank, then leftmost) is first among its own pairs, too. All their results are
 *       the token or what it needs, so every merge that was made in the word is in M(K).
 *   <li>By induction over the steps, M(K) makes the same merges: the old step was first among all
 *       possible pairs, and it is still possible, so it is first among fewer.
 *   <li>At the end no pair had a merge, so none has one in M(K).
 * </ol>
 *
 * <p>The parts of a needed token are what it needs, by the same argument inside the token. With
 * {@code ignore_merges} a word that is a token is not merged; it is in K or its old token is not.
 * Words are split before, by rules that do not look at the vocabulary, so the same holds for whole
 * texts. What has no merges of its own, or is never reached by them, needs nothing.
 */
final class Derivations {
  private static final int NONE = -1;

  private final int[] left;
  private final int[] right;

  private Derivations(int size) {
    left = new int[size];
    right = new int[size];
    Arrays.fill(left, NONE);
    Arrays.fill(right, NONE);
  }

  /**
   * Derivations of the tokens of a {@code tokenizer.json}.
   *
   * @param size one more than the highest id
   * @throws InputException if its model is not a byte-pair encoding that can be cut
   */
  static Derivations of(Path file, JsonNode root, int size) {
    var model = root.path("model");
    require(file, model);
    var merges =
        Merges.of(model)
            .orElseThrow(
                () ->
                    new InputException(
                        "%s: model.merges has a pair twice, or one whose parts or result are not in"
                            + " model.vocab, so its vocabulary cannot be cut: use the"
                            + " tokenizer.json that came with the model",
                        file));
    var ids = new HashMap<String, Integer>();
    model.path("vocab").properties().forEach(e -> ids.put(e.getKey(), e.getValue().asInt()));
    boolean bytes = model.path("byte_fallback").asBoolean();
    var derivations = new Derivations(size);
    ids.forEach((text, id) -> derivations.derive(id, symbols(text, ids, bytes), merges));
    return derivations;
  }

  private static void require(Path file, JsonNode model) {
    var type = model.path("type").asText(model.has("merges") ? "BPE" : "none");
    var why =
        switch (type) {
          case "BPE" -> "";
          case "Unigram" ->
              ": the score of text that no piece spells depends on the lowest score of all pieces,"
                  + " so other words would be cut differently, too";
          case "WordPiece" ->
              ": a word that cannot be spelled becomes the unknown token, so text would be lost";
          default -> "";
        };
    if (!type.equals("BPE")) {
      throw new InputException(
          "%s has a model of the type %s; the vocabulary of BPE alone can be cut%s. Prune without"
              + " vocabulary",
          file, type, why);
    }
    for (var field : List.of("dropout", "continuing_subword_prefix", "end_of_word_suffix")) {
      var value = model.path(field);
      boolean off = value.isNumber() ? value.asDouble() == 0 : value.asText("").isEmpty();
      if (model.hasNonNull(field) && !off) {
        throw new InputException(
            "%s: model.%s is %s, with which no vocabulary is cut: prune without vocabulary",
            file, field, value);
      }
    }
  }

  /** The ids of the characters from which merges begin; empty if one has none. */
  static int[] symbols(String text, Map<String, Integer> ids, boolean byteFallback) {
    var symbols = new int[3 * text.length()];
    int length = 0;
    for (int at = 0, next; at < text.length(); at = next) {
      next = text.offsetByCodePoints(at, 1);
      var character = text.substring(at, next);
      var id = ids.get(character);
      if (id != null) {
        symbols[length++] = id;
        continue;
      }
      for (byte b : character.getBytes(StandardCharsets.UTF_8)) {
        var piece = byteFallback ? ids.get("<0x%02X>".formatted(b & 0xFF)) : null;
        if (piece == null) {
          return new int[0];
        }
        symbols[length++] = piece;
      }
    }
    return Arrays.copyOf(symbols, length);
  }

  private void derive(int id, int[] symbols, Merges merges) {
    if (symbols.length >= 2
        && merges.shorten(symbols, symbols.length, 2) == 2
        && merges.joined(symbols[0], symbols[1]) == id) {
      left[id] = symbols[0];
      right[id] = symbols[1];
    }
  }

  /** The two tokens that become this one; empty if it is not made by a merge. */
  int[] parts(int id) {
    return left[id] == NONE ? new int[0] : new int[] {left[id], right[id]};
  }

  /** All tokens that {@code id} is made of, ascending, without itself. */
  int[] needs(int id) {
    var needed = new BitSet();
    close(id, needed);
    needed.clear(id);
    return needed.stream().toArray();
  }

  /** Adds to {@code kept} what its tokens are made of. */
  void close(BitSet kept) {
    for (int id : kept.stream().toArray()) {
      for (int part : parts(id)) {
        close(part, kept);
      }
    }
  }

  private void close(int id, BitSet kept) {
    kept.set(id);
    for (int part : parts(id)) {
      close(part, kept);
    }
  }
}
