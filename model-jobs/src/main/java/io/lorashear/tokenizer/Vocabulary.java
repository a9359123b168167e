package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Properties of the tokens in a {@code tokenizer.json}: how many there are, which one ends a text,
 * how much text they cover, and where a text can be cut without splitting one.
 */
record Vocabulary(
    int size,
    OptionalInt endOfText,
    Optional<TokenBytes> bytes,
    Optional<Cuts> cuts,
    Optional<Reach> reach) {

  /** Names under which published tokenizers end a document, the most specific first. */
  private static final List<String> ENDS =
      List.of("<|endoftext|>", "<|end_of_text|>", "<eos>", "</s>", "<|im_end|>", "[SEP]");

  static Vocabulary of(Path file, byte[] json) {
    JsonNode root = parsed(file, json);
    JsonNode tokens = root.path("model").path("vocab");
    if (tokens.isEmpty()) {
      throw new InputException(
          "%s has no model.vocab: give the tokenizer.json that came with the model", file);
    }
    var added = root.path("added_tokens");
    int size = 1 + Math.max(highest(tokens), highest(added));
    return new Vocabulary(
        size, end(tokens, added), TokenBytes.of(root, size), Cuts.of(root), Reach.of(root));
  }

  static JsonNode parsed(Path file, byte[] json) {
    try {
      return new ObjectMapper().readTree(json);
    } catch (IOException e) {
      throw new InputException(
          e,
          "%s is not JSON (%s): give the tokenizer.json that came with the model",
          file,
          line(e));
    }
  }

  private static String line(IOException e) {
    return Optional.ofNullable(e.getMessage()).orElse("unreadable").lines().findFirst().orElse("");
  }

  /**
   * A vocabulary is an object of ids, a list of added tokens with ids, or Unigram's list of pairs.
   */
  private static int highest(JsonNode tokens) {
    int highest = -1;
    int position = 0;
    for (JsonNode token : tokens) {
      int id = token.isInt() ? token.intValue() : token.path("id").asInt(position);
      highest = Math.max(highest, id);
      position++;
    }
    return highest;
  }

  private static OptionalInt end(JsonNode tokens, JsonNode added) {
    for (String name : ENDS) {
      for (JsonNode token : added) {
        if (token.path("content").asText().equals(name)) {
          return OptionalInt.of(token.path("id").intValue());
        }
      }
      if (tokens.path(name).isInt()) {
        return OptionalInt.of(tokens.path(name).intValue());
      }
    }
    return OptionalInt.empty();
  }
}
