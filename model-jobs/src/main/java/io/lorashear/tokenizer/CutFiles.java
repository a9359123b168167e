package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The files of a tokenizer without the removed tokens.
 *
 * <pre>
 *   vocab     the tokens that stay, with new ids
 *   merges    a b  stays if a, b and ab stay; the order is the old one
 *   ids       new, wherever a file has one
 * </pre>
 */
record CutFiles(VocabularyFiles files, VocabularyCut cut) {
  private static final String CONFIG = "tokenizer_config.json";
  private static final String GENERATION = "generation_config.json";

  /** Files that name tokens by their text, if at all. */
  private static final List<String> UNCHANGED =
      List.of("special_tokens_map.json", "chat_template.jinja");

  /** Writes the files into {@code folder}; returns what was left out. */
  List<String> write(Path folder) {
    if (cut.newIds().length != files.size()) {
      throw new InputException(
          "the cut was made for a vocabulary of %d tokens, but %s has %d: give the tokenizer that"
              + " was cut",
          cut.newIds().length, files.file(), files.size());
    }
    try {
      Files.createDirectories(folder);
      write(folder, "tokenizer.json", tokenizer());
      for (var name : List.of(CONFIG, GENERATION, "added_tokens.json", "vocab.json")) {
        var there = files.objectBeside(name);
        if (there.isPresent()) {
          write(folder, name, cut(name, there.get()));
        }
      }
      for (var name : UNCHANGED) {
        var there = files.beside(name);
        if (there.isPresent()) {
          Files.write(folder.resolve(name), Files.readAllBytes(there.get()));
        }
      }
      var merges = files.beside("merges.txt");
      if (merges.isPresent()) {
        Files.writeString(folder.resolve("merges.txt"), lines(merges.get()));
      }
      return pieces(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + folder, e);
    }
  }

  private static void write(Path folder, String name, ObjectNode content) throws IOException {
    Files.write(folder.resolve(name), VocabularyFiles.bytes(content));
  }

  /** Writes a smaller tokenizer.model, or says why not. */
  private List<String> pieces(Path folder) throws IOException {
    var there = files.beside("tokenizer.model");
    if (there.isEmpty()) {
      return List.of();
    }
    var pieces = SentencePieceModel.cut(Files.readAllBytes(there.get()), files, cut);
    if (pieces.isPresent()) {
      Files.write(folder.resolve("tokenizer.model"), pieces.get());
      return List.of();
    }
    return List.of(
        "tokenizer.model is left out, because its pieces are not the tokens of tokenizer.json:"
            + " tokenizer.json alone is the tokenizer of the smaller vocabulary");
  }

  /** The tokenizer.json. */
  ObjectNode tokenizer() {
    var root = files.root().deepCopy();
    PutTokens.replace(root, files.file(), id -> cut.newId(id, files.file().toString()));
    for (var added : root.path("added_tokens")) {
      var id = cut.newId(added.path("id").asInt(), files.file().toString());
      ((ObjectNode) added).put("id", id);
    }
    var model = (ObjectNode) root.path("model");
    model.set("vocab", numbered("tokenizer.json", (ObjectNode) model.path("vocab")));
    var merges = model.putArray("merges");
    for (var merge : files.model().path("merges")) {
      if (keeps(merge)) {
        merges.add(merge);
      }
    }
    return root;
  }

  private ObjectNode cut(String name, ObjectNode fields) {
    if (name.equals(CONFIG)) {
      decoder(fields);
    }
    if (name.equals(CONFIG) || name.equals(GENERATION)) {
      cut.renumber(fields, files.file().resolveSibling(name).toString());
      return fields;
    }
    return numbered(name, fields);
  }

  /** {@code "added_tokens_decoder": {"0": …}}: ids are names of fields. */
  private void decoder(ObjectNode config) {
    if (config.path("added_tokens_decoder") instanceof ObjectNode old) {
      var decoder = config.putObject("added_tokens_decoder");
      for (var token : old.properties()) {
        int id = cut.newId(Integer.parseInt(token.getKey()), CONFIG);
        decoder.set(Integer.toString(id), token.getValue());
      }
    }
  }

  /** The tokens of a vocabulary that stay, in the order of the file. */
  private ObjectNode numbered(String name, ObjectNode vocabulary) {
    var numbered = VocabularyFiles.object();
    for (var token : vocabulary.properties()) {
      int id = token.getValue().asInt();
      if (!Integer.valueOf(id).equals(files.ids().get(token.getKey()))) {
        throw new InputException(
            "%s gives the token '%s' the id %d, but %s the id %s: keep one of the two files",
            files.file().resolveSibling(name),
            token.getKey(),
            id,
            files.file(),
            files.ids().getOrDefault(token.getKey(), -1));
      }
      if (cut.keeps(id)) {
        numbered.put(token.getKey(), cut.newIds()[id]);
      }
    }
    return numbered;
  }

  private boolean keeps(JsonNode merge) {
    return merge instanceof ArrayNode pair
        ? keeps(pair.path(0).asText(), pair.path(1).asText())
        : keeps(merge.asText());
  }

  private boolean keeps(String merge) {
    int space = merge.indexOf(' ', 1);
    return space > 0 && keeps(merge.substring(0, space), merge.substring(space + 1));
  }

  private boolean keeps(String left, String right) {
    return cut.keeps(files, left) && cut.keeps(files, right) && cut.keeps(files, left + right);
  }

  /** The lines of merges.txt that stay, with its head. */
  private String lines(Path merges) throws IOException {
    var head = "#version";
    try (var lines = Files.lines(merges)) {
      return lines
          .filter(line -> line.startsWith(head) || keeps(line))
          .map(line -> line + "\n")
          .collect(Collectors.joining());
    }
  }
}
