package io.lorashear.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A {@code tokenizer.json} with its tokens by text, and the files beside it.
 *
 * @param file the {@code tokenizer.json}
 * @param ids of the model's vocabulary and of the added tokens, by text
 * @param size one more than the highest id
 */
record VocabularyFiles(Path file, ObjectNode root, Map<String, Integer> ids, int size) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DefaultPrettyPrinter LAYOUT =
      new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));

  /** Opens a {@code tokenizer.json}, or the one in the given folder. */
  static VocabularyFiles open(Path path) {
    var file = Tokenizer.file(path);
    return of(file, Tokenizer.bytes(file));
  }

  /** The same from its content. */
  static VocabularyFiles of(Path file, byte[] json) {
    if (!(Vocabulary.parsed(file, json) instanceof ObjectNode root)) {
      throw new InputException(
          "%s holds no JSON object: give the tokenizer.json that came with the model", file);
    }
    var ids = new HashMap<String, Integer>();
    for (var token : root.path("model").path("vocab").properties()) {
      ids.put(token.getKey(), token.getValue().asInt());
    }
    for (var added : root.path("added_tokens")) {
      ids.put(added.path("content").asText(), added.path("id").asInt());
    }
    return new VocabularyFiles(file, root, ids, Vocabulary.of(file, json).size());
  }

  /** The ids that have a token. */
  BitSet existing() {
    var existing = new BitSet(size);
    ids.values().forEach(existing::set);
    return existing;
  }

  Derivations derivations() {
    return Derivations.of(file, root, size);
  }

  JsonNode model() {
    return root.path("model");
  }

  /** A file of this name in the same folder, if it exists. */
  Optional<Path> beside(String name) {
    return Optional.of(file.resolveSibling(name)).filter(Files::isRegularFile);
  }

  /** The object in a file of this name in the same folder, if it exists. */
  Optional<ObjectNode> objectBeside(String name) {
    return beside(name).map(VocabularyFiles::object);
  }

  private static ObjectNode object(Path file) {
    try {
      if (JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode object) {
        return object;
      }
      throw new InputException("%s does not hold a JSON object", file);
    } catch (JsonProcessingException e) {
      throw new InputException(e, "%s is not valid JSON: %s", file, e.getOriginalMessage());
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read: %s", file, e.getMessage());
    }
  }

  /** Indented by two spaces, with LF. */
  static byte[] bytes(ObjectNode object) {
    try {
      return (JSON.writer(LAYOUT).writeValueAsString(object) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // a tree can always be written
    }
  }

  static ObjectNode object() {
    return JSON.createObjectNode();
  }
}
