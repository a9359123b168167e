package io.lorashear.spark.source.instruction;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The fields of a record; names are case-insensitive. */
final class NamedFields {
  /** Fields of questions: the first nonempty one, followed by the others. */
  static final List<String> ASKED =
      List.of(
          "instruction",
          "prompt",
          "question",
          "query",
          "problem",
          "inputs",
          "inputs_pretokenized",
          "definition");

  /** Fields of questions if there is no other; elsewhere they may name a person. */
  static final List<String> SPOKEN = List.of("user", "human", "user_prompt", "user_message", "q");

  /** Fields of context. */
  static final List<String> GIVEN =
      List.of(
          "input",
          "context",
          "contexts",
          "passage",
          "article",
          "document",
          "documents",
          "background",
          "knowledge",
          "constraints",
          "choices",
          "options");

  /** Fields of answers: the first that exists. */
  static final List<String> ANSWERS =
      List.of(
          "output",
          "chosen",
          "chosen_messages",
          "chosen_response",
          "preferred",
          "response",
          "completion",
          "solution",
          "answer",
          "answers",
          "targets",
          "target",
          "targets_pretokenized",
          "generation",
          "reply",
          "assistant",
          "gpt",
          "ideal",
          "response_j",
          "a");

  /** Fields of system prompts. */
  static final List<String> SYSTEM =
      List.of(
          "system",
          "system_prompt",
          "system_message",
          "systeminstruction",
          "system_instruction",
          "meta_instruction",
          "developer",
          "persona");

  /** Fields of tools, which are kept as written. */
  static final List<String> TOOLS = List.of("tools", "functions");

  /** Field of earlier turns. */
  static final String HISTORY = "history";

  /** Fields that hold all turns. */
  static final List<String> TURNS =
      List.of("conversations", "messages", "conversation", "contents", "dialogue", "dialog");

  /** Fields that may hold all turns if there is no question and answer. */
  static final List<String> PERHAPS_TURNS = List.of("turns", "chat", "items", "data");

  /** Fields of media, which text cannot express. */
  static final List<String> MEDIA =
      List.of("image", "images", "video", "videos", "audio", "audios");

  /** Field that may hold a transcript. */
  static final String TEXT = "text";

  private static final int SHOWN = 20;

  private final Map<String, JsonNode> byName = new LinkedHashMap<>();
  private final List<String> names = new ArrayList<>();

  NamedFields(JsonNode record) {
    for (var field : record.properties()) {
      names.add(field.getKey());
      var name = field.getKey().strip().toLowerCase(Locale.ROOT);
      byName.merge(name, field.getValue(), (one, other) -> one.isNull() ? other : one);
    }
  }

  /** Every known name, in all its spellings. */
  static List<String> all() {
    var lists =
        Stream.of(
            ASKED,
            SPOKEN,
            GIVEN,
            ANSWERS,
            TURNS,
            PERHAPS_TURNS,
            SYSTEM,
            TOOLS,
            MEDIA,
            Marks.FIELDS,
            List.of(HISTORY, TEXT));
    return written(lists);
  }

  /** Names that only records have, without those that may hold a list of records. */
  static List<String> ofRecords() {
    return written(Stream.of(ASKED, ANSWERS, TURNS)).stream()
        .filter(name -> name.length() > 1)
        .toList();
  }

  private static List<String> written(Stream<List<String>> names) {
    return names
        .flatMap(List::stream)
        .flatMap(name -> Stream.of(name, capital(name), name.toUpperCase(Locale.ROOT)))
        .distinct()
        .toList();
  }

  private static String capital(String name) {
    return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
  }

  JsonNode get(String name) {
    return byName.getOrDefault(name, MissingNode.getInstance());
  }

  /** The first nonempty one of these fields, otherwise the first that exists. */
  JsonNode first(List<String> wanted) {
    var there = wanted.stream().map(this::get).filter(node -> !node.isMissingNode()).toList();
    return there.stream()
        .filter(NamedFields::says)
        .findFirst()
        .orElse(there.isEmpty() ? MissingNode.getInstance() : there.get(0));
  }

  /** The nonempty ones of these fields, by name. */
  Map<String, JsonNode> saying(List<String> wanted) {
    var saying = new LinkedHashMap<String, JsonNode>();
    wanted.stream().filter(name -> says(get(name))).forEach(name -> saying.put(name, get(name)));
    return saying;
  }

  /** Whether it holds more than white space. */
  static boolean says(JsonNode node) {
    return node.isTextual()
        ? !node.textValue().isBlank()
        : !node.isNull() && (node.isValueNode() || !node.isEmpty());
  }

  /** The existing names, for reports. */
  String named() {
    return names.stream().limit(SHOWN).collect(Collectors.joining(", ", "has the fields ", ""));
  }
}
