package io.lorashear.spark.source.instruction;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The question of a record without turns, with its context. */
final class Question {
  private Question() {}

  /** The question and its context; without a question the context is the question. */
  static List<Turn> of(NamedFields fields) throws NoInstruction {
    var texts = new ArrayList<String>();
    for (var asked : asking(fields).values()) {
      addUnlessSaid(texts, Texts.of(asked));
    }
    var given = new ArrayList<>(texts.subList(Math.min(1, texts.size()), texts.size()));
    for (var node : fields.saying(NamedFields.GIVEN).values()) {
      var text = given(node);
      if (!text.isEmpty()) {
        given.add(text);
      }
    }
    var context = String.join("\n\n", given);
    if (texts.isEmpty()) {
      return List.of(new Turn(Speaker.USER, context));
    }
    var question = new Turn(Speaker.USER, texts.get(0));
    return given.isEmpty()
        ? List.of(question)
        : List.of(question, new Turn(Speaker.CONTEXT, context));
  }

  private static Map<String, JsonNode> asking(NamedFields fields) {
    var asking = fields.saying(NamedFields.ASKED);
    return asking.isEmpty() ? fields.saying(NamedFields.SPOKEN) : asking;
  }

  /**
   * Adds a text, unless it repeats another one: some records contain a question again inside a
   * template.
   */
  private static void addUnlessSaid(List<String> texts, String text) {
    if (texts.stream().noneMatch(said -> said.contains(text) || text.contains(said))) {
      texts.add(text);
    }
  }

  /**
   * The context of a field; empty for Alpaca's placeholder for no input, which some of its records
   * contain.
   */
  static String given(JsonNode node) throws NoInstruction {
    var text = Texts.given(node);
    return text.strip().equalsIgnoreCase("<noinput>") ? "" : text;
  }
}
