package io.lorashear.spark.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.spark.source.instruction.Conversation;
import io.lorashear.spark.source.instruction.InstructionRecord;
import io.lorashear.spark.source.instruction.NoInstruction;
import io.lorashear.spark.source.instruction.Speaker;
import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.text.Encodings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An instruction, with the prompt that Stanford Alpaca was trained with (its {@code train.py}). It
 * reads Alpaca's own form, forms with other names for its parts, preferences (the chosen answer)
 * and conversations (the last answer). Parts that fit no form give a warning or drop the record. A
 * task of Self-Instruct (arXiv 2212.10560), Alpaca's predecessor, gives one instruction for each of
 * its {@code instances}, whose number from 0 is appended to the position.
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

  /** Fields that a record may have, in any of the forms. */
  static final List<String> FIELDS = withInstances(InstructionRecord.fields());

  /** Fields that identify an object as a record. */
  static final List<String> OWN_FIELDS = withInstances(InstructionRecord.ownFields());

  private static List<String> withInstances(List<String> names) {
    return Stream.concat(names.stream(), Stream.of(INSTANCES)).toList();
  }

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
    var instances = instances(json);
    return instances.isEmpty() || json.path(instances).isEmpty()
        ? List.of(document(place, json, line))
        : instances(file, record, (ObjectNode) json, instances);
  }

  /** The name of the field with a task's instances; empty if there is none. */
  private static String instances(JsonNode json) {
    return json.properties().stream()
        .map(Map.Entry::getKey)
        .filter(INSTANCES::equalsIgnoreCase)
        .findFirst()
        .orElse("");
  }

  /**
   * The readings of a task's instances, each with the fields that the task gives for all of them.
   */
  private static List<Reading> instances(
      InputFile file, RawRecord record, ObjectNode task, String name) {
    var readings = new ArrayList<Reading>();
    var all = task.deepCopy();
    all.remove(name);
    for (var instance : task.path(name)) {
      var place = file.place(record.position() + "-" + readings.size());
      var one = all.deepCopy();
      if (instance instanceof ObjectNode parts) {
        one.setAll(parts);
      }
      readings.add(document(place, one, instance.toString()));
    }
    return readings;
  }

  private static Reading document(Place place, JsonNode json, String line) {
    try {
      var said = InstructionRecord.conversation(json);
      var document = Document.at(place, Kind.INSTRUCTION, prompt(said), said.response());
      return said.leftOut().isEmpty()
          ? document
          : document.warning(Warning.PARTS_LEFT_OUT, String.join(", ", said.leftOut()));
    } catch (NoInstruction e) {
      var what = e.what();
      var excerpt = what.isEmpty() ? line : what + ": " + line;
      return Dropped.at(place, DropReason.valueOf(e.why().name()), excerpt);
    }
  }

  /** The instruction and input in a prompt, without the template's words. */
  public static String asked(String prompt) {
    var asked = prompt.replace(INTRODUCTION_WITH_INPUT, "").replace(INTRODUCTION, "");
    for (var heading : List.of(ASK, GIVEN, ANSWER)) {
      asked = asked.replace(heading, "");
    }
    return asked.strip();
  }

  /**
   * The prompt of a conversation: the system message instead of the introduction; then every
   * question, its input and every answer under their headings; the last answer is left to the
   * model.
   */
  private static String prompt(Conversation conversation) {
    var system = conversation.system();
    var turns = conversation.turns();
    var one = turns.stream().filter(turn -> turn.speaker() == Speaker.USER).count() == 1;
    var given = turns.get(turns.size() - 1).speaker() == Speaker.CONTEXT;
    var introduction = one && given ? INTRODUCTION_WITH_INPUT : INTRODUCTION;
    var prompt = new StringBuilder(system.isBlank() ? introduction : system.strip());
    for (var turn : turns) {
      prompt.append("\n\n").append(heading(turn.speaker())).append('\n').append(turn.said());
    }
    return prompt.append("\n\n").append(ANSWER).toString();
  }

  private static String heading(Speaker speaker) {
    return switch (speaker) {
      case USER, SYSTEM -> ASK;
      case CONTEXT -> GIVEN;
      case MODEL -> ANSWER;
    };
  }

  /** The prompt that the model reads before it answers. */
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
