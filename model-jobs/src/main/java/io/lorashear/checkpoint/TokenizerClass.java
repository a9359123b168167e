package io.lorashear.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The class by which transformers reads a tokenizer.json. Without a named class it would use the
 * {@code model_type}, which it may not know; so tokenizer_config.json names the class that reads
 * any tokenizer.json, and the special tokens whose ids config.json has.
 */
final class TokenizerClass {
  private static final String CLASS = "tokenizer_class";
  private static final List<String> ROLES = List.of("bos_token", "eos_token", "pad_token");

  private TokenizerClass() {}

  /** Completes the tokenizer_config.json in {@code directory}, if there is a tokenizer. */
  static void write(Path directory, JsonNode config) {
    var tokenizer = directory.resolve(CheckpointFiles.TOKENIZER);
    var file = directory.resolve(CheckpointFiles.TOKENIZER_CONFIG);
    if (!Files.exists(tokenizer)) {
      return;
    }
    var fields = Files.exists(file) ? JsonFile.read(file) : JsonFile.object();
    if (!fields.path(CLASS).isTextual()) {
      fields.put(CLASS, "PreTrainedTokenizerFast");
      if (!Files.exists(directory.resolve("special_tokens_map.json"))) {
        special(fields, JsonFile.read(tokenizer), config);
      }
      JsonFile.write(file, fields);
    }
  }

  private static void special(ObjectNode fields, JsonNode tokenizer, JsonNode config) {
    for (var role : ROLES) {
      var ids = config.path(role + "_id");
      text(tokenizer, ids.isArray() ? ids.path(0) : ids)
          .filter(text -> !fields.has(role))
          .ifPresent(text -> fields.put(role, text));
    }
    var unknown = tokenizer.path("model").path("unk_token");
    if (unknown.isTextual() && !fields.has("unk_token")) {
      fields.set("unk_token", unknown);
    }
  }

  private static Optional<String> text(JsonNode tokenizer, JsonNode id) {
    if (!id.isIntegralNumber()) {
      return Optional.empty();
    }
    for (var token : tokenizer.path("added_tokens")) {
      if (token.path("id").asLong() == id.asLong()) {
        return Optional.of(token.path("content").asText());
      }
    }
    var vocabulary = tokenizer.path("model").path("vocab");
    if (vocabulary.isArray()) { // Unigram: a list of [text, score]
      var entry = vocabulary.path(id.asInt()).path(0);
      return entry.isTextual() ? Optional.of(entry.asText()) : Optional.empty();
    }
    return vocabulary.properties().stream()
        .filter(token -> token.getValue().asLong() == id.asLong())
        .map(token -> token.getKey())
        .findFirst();
  }
}
