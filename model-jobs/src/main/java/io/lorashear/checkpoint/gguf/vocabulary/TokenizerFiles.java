package io.lorashear.checkpoint.gguf.vocabulary;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The files of a Hugging Face directory that define its tokenizer.
 *
 * @param file the tokenizer.json
 * @param tokenizer its content
 * @param beside tokenizer_config.json, special_tokens_map.json, generation_config.json and
 *     config.json, those that exist, in order of precedence
 * @param template the chat_template.jinja
 */
public record TokenizerFiles(
    Path file, ObjectNode tokenizer, List<ObjectNode> beside, Optional<String> template) {

  /**
   * Reads the files.
   *
   * @param companions the files next to the weights
   * @param config the config.json
   * @throws InputException if there is no tokenizer.json
   */
  public static TokenizerFiles of(List<Path> companions, ObjectNode config, String where) {
    var json =
        find(companions, "tokenizer.json")
            .orElseThrow(
                () ->
                    new InputException(
                        "%s has no tokenizer.json beside it, and a GGUF file holds the tokenizer,"
                            + " too: %s",
                        where, wayOut(companions)));
    var beside = new ArrayList<ObjectNode>();
    for (var name :
        List.of("tokenizer_config.json", "special_tokens_map.json", "generation_config.json")) {
      find(companions, name).map(JsonFile::read).ifPresent(beside::add);
    }
    beside.add(config);
    return new TokenizerFiles(
        json,
        JsonFile.read(json),
        List.copyOf(beside),
        find(companions, "chat_template.jinja").map(TokenizerFiles::text));
  }

  private static String wayOut(List<Path> companions) {
    boolean otherForm =
        find(companions, "tokenizer.model").or(() -> find(companions, "vocab.json")).isPresent();
    return otherForm
        ? "make one of the files that are there with transformers,"
            + " AutoTokenizer.from_pretrained(model).save_pretrained(model)"
        : "put the one in that the model was trained with";
  }

  private static Optional<Path> find(List<Path> companions, String name) {
    return companions.stream().filter(file -> file.endsWith(name)).findFirst();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read: %s", file, e.getMessage());
    }
  }

  /** The part that splits words into tokens. */
  JsonNode model() {
    return tokenizer.path("model");
  }

  /** The value of a field in the first file that has it. */
  JsonNode said(String field) {
    return beside.stream()
        .filter(each -> each.hasNonNull(field))
        .map(each -> each.get(field))
        .findFirst()
        .orElse(MissingNode.getInstance());
  }

  /**
   * The text of the token with this role, as {@code "eos_token": "</s>"} or an object with content.
   */
  Optional<String> token(String role) {
    var said = said(role + "_token");
    var text = said.isObject() ? said.path("content") : said;
    return text.isTextual() ? Optional.of(text.asText()) : Optional.empty();
  }

  /** The id of the token with this role, if a file gives one; of several the first. */
  OptionalInt id(String role) {
    var said = said(role + "_token_id");
    var first = said.isArray() ? said.path(0) : said;
    return first.isInt() && first.asInt() >= 0
        ? OptionalInt.of(first.asInt())
        : OptionalInt.empty();
  }

  /** Chat templates by name, "default" first. */
  Map<String, String> templates() {
    var templates = new LinkedHashMap<String, String>();
    var said = said("chat_template");
    template
        .or(() -> said.isTextual() ? Optional.of(said.asText()) : Optional.empty())
        .ifPresent(text -> templates.put("default", text));
    for (var named : said.isArray() ? said : MissingNode.getInstance()) {
      templates.putIfAbsent(named.path("name").asText(), named.path("template").asText());
    }
    return templates;
  }

  /** An exception that llama.cpp does not support such a tokenizer, with what to do. */
  InputException refusal(String what) {
    return new InputException("%s: %s: export the model --for transformers", file, what);
  }
}
