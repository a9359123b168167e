package io.lorashear.spark.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.text.Encodings;
import java.util.ArrayList;
import java.util.List;

/**
 * An instruction, in the words Stanford Alpaca was trained with (its {@code train.py}): of Alpaca's
 * own form, of others that name its parts in another way, or the last answer of a conversation. A
 * task of Self-Instruct (arXiv 2212.10560), which Alpaca grew from, is one for each of its {@code
 * instances}, whose number from 0 follows its position.
 */
public final class Instruction implements Parser {
  private static final long serialVersionUID = 1;
  private static final String INTRODUCTION_WITH_INPUT =
      "Below is an instruction that describes a task, paired with an input that provides further"
          + " context. Write a response that appropriately completes the request.";
  private static final String INTRODUCTION =
      "Below is an instruction that describes a task. Write a response that appropriately"
          + " completes the request.";
  private static final String ASK = "### Instruction:";
  private static final String GIVEN = "### Input:";
  private static final String ANSWER = "### Response:";
  private static final String INSTANCES = "instances";

  /** What a record may hold of these, in any of the forms. */
  static final List<String> FIELDS =
      List.of(
          "instruction",
          "prompt",
          "question",
          "input",
          "context",
          "output",
          "response",
          "completion",
          "answer",
          "conversations",
          "messages",
          "conversation",
          INSTANCES);

  @Override
  public List<Reading> readings(InputFile file, RawRecord record) {
    var place = file.place(record.position());
    var line = Encodings.unicode(record.bytes()).orElse(null);
    if (line == null) {
      return List.of(Dropped.at(place, DropReason.INVALID_ENCODING, record.bytes()));
    } else if (line.isBlank()) {
      return List.of();
    }
    var json = JsonText.object(line);
    if (json == null) {
      return List.of(Dropped.at(place, DropReason.INVALID_JSON, line));
    }
    return json.path(INSTANCES).isEmpty()
        ? List.of(document(place, json, line))
        : instances(file, record, json);
  }

  private static List<Reading> instances(InputFile file, RawRecord record, JsonNode task) {
    var readings = new ArrayList<Reading>();
    for (var instance : task.path(INSTANCES)) {
      var place = file.place(record.position() + "-" + readings.size());
      var one = JsonNodeFactory.instance.objectNode();
      one.set("instruction", task.path("instruction"));
      if (instance instanceof ObjectNode parts) {
        one.setAll(parts);
      }
      readings.add(single(place, one, instance.toString()));
    }
    return readings;
  }

  private static Reading document(Place place, JsonNode json, String line) {
    var turns = Conversation.list(json);
    return turns.isMissingNode()
        ? single(place, json, line)
        : Conversation.of(turns)
            .map(conversation -> conversation(place, conversation, line))
            .orElseGet(() -> Dropped.at(place, DropReason.NOT_IN_TURN, line));
  }

  private static Reading conversation(Place place, Conversation conversation, String line) {
    var turns = conversation.turns();
    if (turns.isEmpty() || turns.get(turns.size() - 1).isBlank()) {
      return Dropped.at(place, DropReason.NO_RESPONSE, line);
    } else if (turns.get(0).isBlank()) {
      return Dropped.at(place, DropReason.NO_TEXT, line);
    }
    var prompt = prompt(conversation);
    return Document.at(place, Kind.INSTRUCTION, prompt, turns.get(turns.size() - 1));
  }

  private static Reading single(Place place, JsonNode json, String line) {
    var instruction = first(json, "instruction", "prompt", "question");
    var input = first(json, "input", "context");
    var output = first(json, "output", "response", "completion", "answer");
    var inputIsText = input.isTextual() || input.isMissingNode() || input.isNull();
    if (!instruction.isTextual() || !output.isTextual() || !inputIsText) {
      return Dropped.at(place, DropReason.NO_TEXT_FIELD, line);
    } else if (instruction.textValue().isBlank()) {
      return Dropped.at(place, DropReason.NO_TEXT, line);
    } else if (output.textValue().isBlank()) {
      return Dropped.at(place, DropReason.NO_RESPONSE, line);
    }
    var prompt = prompt(instruction.textValue(), given(input));
    return Document.at(place, Kind.INSTRUCTION, prompt, output.textValue());
  }

  private static JsonNode first(JsonNode json, String... names) {
    var found = json.path(names[0]);
    for (var name : names) {
      found = found.isMissingNode() ? json.path(name) : found;
    }
    return found;
  }

  /** The data set's own word for no input was left standing in some records. */
  private static String given(JsonNode input) {
    var text = input.asText("");
    return text.strip().equalsIgnoreCase("<noinput>") ? "" : text;
  }

  /** What was asked and given in a prompt, without the words all prompts share. */
  public static String asked(String prompt) {
    var asked = prompt.replace(INTRODUCTION_WITH_INPUT, "").replace(INTRODUCTION, "");
    for (var heading : List.of(ASK, GIVEN, ANSWER)) {
      asked = asked.replace(heading, "");
    }
    return asked.strip();
  }

  /**
   * Several turns: what was said beforehand instead of the introduction, every question and answer
   * under their headings, the last answer left to the model.
   */
  private static String prompt(Conversation conversation) {
    var system = conversation.system();
    var prompt = new StringBuilder(system.isBlank() ? INTRODUCTION : system.strip());
    var turns = conversation.turns();
    for (var i = 0; i < turns.size(); i++) {
      prompt.append("\n\n").append(i % 2 == 0 ? ASK + "\n" + turns.get(i) : ANSWER);
      if (i % 2 == 1 && i < turns.size() - 1) {
        prompt.append('\n').append(turns.get(i));
      }
    }
    return prompt.toString();
  }

  /** What the model reads before it answers. */
  static String prompt(String instruction, String input) {
    return input.isEmpty()
        ? String.join("\n\n", INTRODUCTION, ASK + "\n" + instruction, ANSWER)
        : String.join(
            "\n\n",
            INTRODUCTION_WITH_INPUT,
            ASK + "\n" + instruction,
            GIVEN + "\n" + input,
            ANSWER);
  }
}
