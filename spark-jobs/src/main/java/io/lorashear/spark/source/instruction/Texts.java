package io.lorashear.spark.source.instruction;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorashear.spark.source.instruction.NoInstruction.Why;
import java.util.ArrayList;
import java.util.List;

/** The text of a field: a text, a number, a boolean, or parts that are texts. */
final class Texts {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Names of the text field of a part. */
  private static final List<String> NAMES =
      List.of("text", "value", "content", "parts", "message", "thinking", "reasoning", "refusal");

  /** Types of parts that are not plain text but are written out: calls, results, thoughts. */
  private static final List<String> WRITTEN =
      List.of("tool", "function", "reasoning", "thinking", "refusal");

  private Texts() {}

  /** The text; empty for null and for a missing field. */
  static String of(JsonNode node) throws NoInstruction {
    if (node.isNull() || node.isMissingNode()) {
      return "";
    } else if (node.isValueNode()) {
      return node.asText();
    }
    return node.isArray() ? joined(node, "\n") : part(node);
  }

  /** The context of a question: several texts become paragraphs, choices become lettered lines. */
  static String given(JsonNode node) throws NoInstruction {
    if (node.path("text").isArray() && node.path("label").isArray()) {
      var lines = new ArrayList<String>();
      for (var i = 0; i < node.path("text").size(); i++) {
        lines.add(of(node.path("label").path(i)) + ". " + of(node.path("text").path(i)));
      }
      return String.join("\n", lines);
    }
    return node.isArray() ? joined(node, "\n\n") : of(node);
  }

  /** The JSON unchanged: descriptions and calls of tools. */
  static String json(JsonNode node) {
    try {
      return node.isTextual() ? node.textValue() : JSON.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // parsed JSON can be written
    }
  }

  private static String joined(JsonNode parts, String between) throws NoInstruction {
    var texts = new ArrayList<String>();
    for (var part : parts) {
      texts.add(of(part));
    }
    return String.join(between, texts);
  }

  private static String part(JsonNode part) throws NoInstruction {
    var type = part.path("type").asText("text");
    var name = NAMES.stream().filter(part::hasNonNull).findFirst();
    if (!type.contains("text") && WRITTEN.stream().noneMatch(type::startsWith)) {
      throw new NoInstruction(Why.UNKNOWN_FORM, "a part that is no text: type " + type);
    } else if (name.isPresent()) {
      return of(part.path(name.get()));
    } else if (type.startsWith("tool")) {
      return json(part);
    }
    throw new NoInstruction(Why.UNKNOWN_FORM, "a part that " + new NamedFields(part).named());
  }
}
