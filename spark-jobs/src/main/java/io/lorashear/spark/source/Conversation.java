package io.lorashear.spark.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The turns of a conversation, as ShareGPT's records ({@code conversations: [{from, value}]}) and
 * those of chat interfaces ({@code messages: [{role, content}]}) have them.
 *
 * @param system what was said to the model beforehand; mostly empty
 * @param turns what was asked and answered, in turn, from a question on; up to the last answer
 */
record Conversation(String system, List<String> turns) {
  private static final List<String> LISTS = List.of("conversations", "messages", "conversation");

  /** Who speaks. */
  private enum Speaker {
    SYSTEM,
    USER,
    MODEL
  }

  /** The list of turns in a record; missing where it has none. */
  static JsonNode list(JsonNode record) {
    for (var name : LISTS) {
      if (record.path(name).isArray()) {
        return record.path(name);
      }
    }
    return MissingNode.getInstance();
  }

  /**
   * The conversation, or nothing where somebody else speaks, somebody speaks twice in a row, or
   * says something that is no text. Answers before the first question are left out, as is a last
   * question.
   */
  static Optional<Conversation> of(JsonNode list) {
    var system = "";
    var turns = new ArrayList<String>();
    for (var turn : list) {
      var speaker = speaker(turn).orElse(null);
      var said = said(turn).orElse(null);
      if (speaker == null || said == null) {
        return Optional.empty();
      }
      var expected = turns.size() % 2 == 0 ? Speaker.USER : Speaker.MODEL;
      if (speaker == Speaker.SYSTEM && turns.isEmpty()) {
        system = said;
      } else if (speaker == expected) {
        turns.add(said);
      } else if (speaker != Speaker.MODEL || !turns.isEmpty()) {
        return Optional.empty();
      }
    }
    if (turns.size() % 2 == 1) {
      turns.remove(turns.size() - 1);
    }
    return Optional.of(new Conversation(system, List.copyOf(turns)));
  }

  private static Optional<Speaker> speaker(JsonNode turn) {
    var name = turn.path("role").asText(turn.path("from").asText(""));
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "system" -> Optional.of(Speaker.SYSTEM);
      case "user", "human", "prompter" -> Optional.of(Speaker.USER);
      case "assistant", "gpt", "chatgpt", "bard", "bing", "model", "bot" ->
          Optional.of(Speaker.MODEL);
      default -> Optional.empty();
    };
  }

  /** A text, or the texts of a list of parts that are all text. */
  private static Optional<String> said(JsonNode turn) {
    var content = turn.has("content") ? turn.path("content") : turn.path("value");
    if (content.isTextual()) {
      return Optional.of(content.textValue());
    }
    var parts = new ArrayList<String>();
    for (var part : content) {
      if (!part.path("text").isTextual()) {
        return Optional.empty();
      }
      parts.add(part.path("text").textValue());
    }
    return parts.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", parts));
  }
}
