package io.lorashear.spark.source.instruction;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.spark.source.instruction.NoInstruction.Why;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Reads the turns of a conversation in its known forms.
 *
 * <pre>
 *   [{"from": "human", "value": …}, …]   ShareGPT    {"from": [ … ], "value": [ … ]}  datasets
 *   [{"role": "user", "content": …}, …]  chat        [question, answer, …]        UltraChat, LIMA
 *   [{"input": …, "output": …}, …]       Capybara    [[question, answer], …]      a history
 * </pre>
 *
 * A text that is JSON is parsed as such; else it may be a {@link Transcript}.
 */
final class Turns {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<String> NAMES = List.of("role", "from", "speaker", "author", "sender");
  private static final List<String> SAID =
      List.of("content", "value", "text", "message", "utterance", "body", "parts");
  private static final List<String> CALLS = List.of("tool_calls", "function_call");

  private Turns() {}

  /** The turns in {@code node}, in order. */
  static List<Turn> of(JsonNode node) throws NoInstruction {
    if (node.isTextual()) {
      return written(node.textValue());
    } else if (node.isObject()) {
      var columns = node.properties().stream().anyMatch(field -> field.getValue().isArray());
      return columns && NAMES.stream().noneMatch(name -> node.path(name).isTextual())
          ? of(rows(node))
          : turns(node);
    }
    var turns = new ArrayList<Turn>();
    for (var element : node) {
      if (element.isTextual()) {
        var asks = turns.size() % 2 == 0;
        turns.add(new Turn(asks ? Speaker.USER : Speaker.MODEL, element.textValue()));
      } else {
        turns.addAll(element.isObject() ? turns(element) : of(pair(element)));
      }
    }
    return turns;
  }

  /** Whether a field may contain turns: a list, a structure of lists, or either as a text. */
  static boolean mayBe(JsonNode node) {
    return node.isTextual()
        ? Transcript.is(node.textValue()) || node.textValue().strip().matches("(?s)[\\[{].*[\\]}]")
        : !node.isEmpty();
  }

  private static List<Turn> written(String text) throws NoInstruction {
    if (Transcript.is(text)) {
      return Transcript.turns(text);
    }
    try {
      var json = JSON.readTree(text);
      if (json.isContainerNode()) {
        return of(json);
      }
    } catch (JsonProcessingException e) {
      // not a list of turns
    }
    throw new NoInstruction(Why.UNKNOWN_FORM, "a conversation that is one text without speakers");
  }

  /** A question and its answer; any other value that is not an object has no speaker. */
  private static JsonNode pair(JsonNode element) throws NoInstruction {
    if (element.size() == 2 && element.path(0).isTextual() && element.path(1).isTextual()) {
      return element;
    }
    throw new NoInstruction(Why.UNKNOWN_FORM, "a turn without a speaker: " + element);
  }

  /** Converts a structure of lists into a list of structures. */
  private static JsonNode rows(JsonNode columns) throws NoInstruction {
    var rows = JsonNodeFactory.instance.arrayNode();
    for (var column : columns.properties()) {
      for (var i = 0; i < column.getValue().size(); i++) {
        var row = i < rows.size() ? rows.get(i) : rows.addObject();
        ((ObjectNode) row).set(column.getKey(), column.getValue().get(i));
      }
    }
    for (var row : rows) {
      if (row.size() != columns.size()) {
        throw new NoInstruction(Why.UNKNOWN_FORM, "turns in lists of different lengths");
      }
    }
    return rows;
  }

  /** The turns of one object: the object itself, or the turns in its fields. */
  private static List<Turn> turns(JsonNode object) throws NoInstruction {
    var name = first(object, NAMES);
    if (!name.isMissingNode()) {
      var speaker = name.isObject() ? first(name, List.of("role", "name")) : name;
      var turns = new ArrayList<Turn>();
      turns.add(new Turn(speaker(speaker.asText()), said(object), learnt(object)));
      var reply = Replies.best(object);
      if (reply.isPresent()) {
        turns.addAll(turns(reply.get()));
      }
      return turns;
    }
    var turns = new ArrayList<Turn>();
    for (var field : object.properties()) {
      var speaker = Speaker.ofField(field.getKey());
      if (speaker.isPresent()) {
        turns.add(new Turn(speaker.get(), Texts.of(field.getValue())));
      }
    }
    if (turns.isEmpty()) {
      throw new NoInstruction(Why.UNKNOWN_FORM, "a turn that " + new NamedFields(object).named());
    }
    turns.sort(Comparator.comparing(Turn::speaker));
    return turns;
  }

  private static Speaker speaker(String name) throws NoInstruction {
    return Speaker.of(name)
        .orElseThrow(
            () ->
                new NoInstruction(Why.UNKNOWN_FORM, "nobody known speaks: \"%s\"".formatted(name)));
  }

  private static String said(JsonNode turn) throws NoInstruction {
    var said = first(turn, SAID);
    var calls = first(turn, CALLS);
    if (!NamedFields.says(calls)) {
      if (said.isMissingNode()) {
        throw new NoInstruction(Why.UNKNOWN_FORM, "a turn that " + new NamedFields(turn).named());
      }
      return Texts.of(said);
    }
    var text = Texts.of(said);
    return text.isBlank() ? Texts.json(calls) : text + "\n" + Texts.json(calls);
  }

  private static boolean learnt(JsonNode turn) {
    return turn.path("weight").asDouble(1) != 0
        && turn.path("loss_weight").asDouble(1) != 0
        && Marks.bad(new NamedFields(turn)).isEmpty();
  }

  private static JsonNode first(JsonNode object, List<String> names) {
    return names.stream()
        .map(object::path)
        .filter(node -> !node.isMissingNode() && !node.isNull())
        .findFirst()
        .orElse(MissingNode.getInstance());
  }
}
