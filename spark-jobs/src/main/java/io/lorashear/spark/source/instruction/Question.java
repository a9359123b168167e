package io.lorashear.spark.source.instruction;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a record without turns asks, and all that it gives with the question. */
final class Question {
  private Question() {}

  /** The question, and what is given with it; where nothing is asked, what is given asks. */
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

  /** Some records hold a question once more, with the words of a template around it. */
  private static void addUnlessSaid(List<String> texts, String text) {
    if (texts.stream().noneMatch(said -> said.contains(text) || text.contains(said))) {
      texts.add(text);
    }
  }

  /** Alpaca's own word for no input was left standing in some of its records. */
  static String given(JsonNode node) throws NoInstruction {
    var text = Texts.given(node);
    return text.strip().equalsIgnoreCase("<noinput>") ? "" : text;
  }
}
