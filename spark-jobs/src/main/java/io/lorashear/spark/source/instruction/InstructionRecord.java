package io.lorashear.spark.source.instruction;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.lorashear.spark.source.instruction.NoInstruction.Why;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One record of a data set of instructions, conversations or preferences: the question, its
 * context, and the answer that is not marked as bad.
 */
public final class InstructionRecord {
  private final NamedFields fields;
  private final List<String> leftOut = new ArrayList<>();

  private InstructionRecord(NamedFields fields) {
    this.fields = fields;
  }

  /** Names of all fields that are read. */
  public static List<String> fields() {
    return NamedFields.all();
  }

  /** Names of fields that only records have, and containers of records do not. */
  public static List<String> ownFields() {
    return NamedFields.ofRecords();
  }

  /**
   * The conversation of a record.
   *
   * @throws NoInstruction if it has nothing to train on
   */
  public static Conversation conversation(JsonNode json) throws NoInstruction {
    if (json.isArray()) {
      return Conversation.of("", Turns.of(json));
    } else if (!json.isObject()) {
      throw new NoInstruction(Why.UNKNOWN_FORM, "is no object");
    }
    return new InstructionRecord(new NamedFields(json)).conversation();
  }

  private Conversation conversation() throws NoInstruction {
    var mark = Marks.bad(fields);
    if (mark.isPresent()) {
      throw new NoInstruction(Why.MARKED_BAD, mark.get());
    }
    var media = fields.saying(NamedFields.MEDIA);
    if (!media.isEmpty()) {
      throw new NoInstruction(Why.UNKNOWN_FORM, "asks about what is no text: " + media.keySet());
    }
    var turns = turns();
    return Conversation.of(system(turns), turns).without(leftOut);
  }

  private List<Turn> turns() throws NoInstruction {
    var list = list(NamedFields.TURNS);
    if (!list.isMissingNode()) {
      return afterHistory(answered(Turns.of(list)));
    }
    var asked = asked();
    var answer = answer();
    var perhaps = list(NamedFields.PERHAPS_TURNS);
    var alone = asked.isMissingNode() || answer.isMissingNode();
    if (alone && !perhaps.isMissingNode() && !areQuestions(perhaps)) {
      return afterHistory(answered(Turns.of(perhaps)));
    } else if (isConversation(asked)) {
      var others = Replies.others(asked);
      if (others > 0) {
        leftOut.add("%d replies beside the first".formatted(others));
      }
      return afterHistory(answered(Turns.of(asked)));
    } else if (asked.isTextual() && Transcript.isOpen(asked.textValue())) {
      return transcript(asked.textValue(), answer);
    }
    return asked.isMissingNode() ? written(answer) : single(answer);
  }

  /**
   * Whether a list contains texts without speakers that are only questions; UltraChat's lists, in
   * another field, alternate questions and answers.
   */
  private boolean areQuestions(JsonNode list) {
    return list.path(0).isTextual() && !list.equals(fields.get("data"));
  }

  private List<Turn> transcript(String asked, JsonNode answer) throws NoInstruction {
    if (answer.isTextual() && Transcript.is(answer.textValue())) {
      return Transcript.turns(answer.textValue());
    }
    var said = Transcript.turns(asked).stream().filter(turn -> !turn.said().isEmpty()).toList();
    return afterHistory(answered(said));
  }

  private JsonNode list(List<String> names) {
    return fields.saying(names).values().stream()
        .filter(Turns::mayBe)
        .findFirst()
        .orElse(MissingNode.getInstance());
  }

  /** The field with the question; else the one with the context, if the task is implied. */
  private JsonNode asked() {
    return Stream.of(NamedFields.ASKED, NamedFields.SPOKEN, NamedFields.GIVEN)
        .map(fields::first)
        .filter(node -> !node.isMissingNode())
        .findFirst()
        .orElse(MissingNode.getInstance());
  }

  /** The field with the answer; a mark that an answer was chosen is not an answer. */
  private JsonNode answer() throws NoInstruction {
    var chosen = fields.get("chosen");
    var answers = new ArrayList<>(NamedFields.ANSWERS);
    if (chosen.isBoolean()) {
      answers.remove("chosen");
    }
    var answer = fields.first(answers);
    var rejected = answer.isMissingNode() && NamedFields.says(fields.get("rejected"));
    if (rejected || (chosen.isBoolean() && !chosen.booleanValue())) {
      throw new NoInstruction(Why.MARKED_BAD, "the answer was not chosen");
    }
    return answer;
  }

  private List<Turn> afterHistory(List<Turn> turns) throws NoInstruction {
    var history = fields.get(NamedFields.HISTORY);
    return NamedFields.says(history) ? joined(Turns.of(history), turns) : turns;
  }

  /** The turns of a transcript, if the record has one in a separate field. */
  private List<Turn> written(JsonNode answer) throws NoInstruction {
    if (isConversation(answer)) {
      return Turns.of(answer);
    }
    for (var node : List.of(answer, fields.get(NamedFields.TEXT))) {
      if (node.isTextual() && Transcript.is(node.textValue())) {
        return Transcript.turns(node.textValue());
      }
    }
    throw new NoInstruction(answer.isMissingNode() ? unknown() : Why.NO_TEXT_FIELD, fields.named());
  }

  /**
   * Why the record has no conversation: it has none of the fields of any form, or its list is
   * empty.
   */
  private Why unknown() {
    var emptyList = NamedFields.TURNS.stream().map(fields::get).anyMatch(JsonNode::isArray);
    return emptyList ? Why.NO_RESPONSE : Why.UNKNOWN_FORM;
  }

  private static boolean isConversation(JsonNode node) {
    var first = node.isArray() ? node.path(0) : node;
    return first.isObject() && (first.has("role") || first.has("from"));
  }

  /** The turns, followed by the answer from its separate field if they end with a question. */
  private List<Turn> answered(List<Turn> turns) throws NoInstruction {
    var answer = answer();
    var ends = turns.isEmpty() || turns.get(turns.size() - 1).speaker() != Speaker.MODEL;
    if (!ends || answer.isMissingNode()) {
      return turns;
    }
    var answers = answers(answer);
    var whole = answers.get(0).speaker() != Speaker.MODEL;
    return whole ? answers : joined(turns, answers);
  }

  private static List<Turn> joined(List<Turn> turns, List<Turn> more) {
    var all = new ArrayList<>(turns);
    all.addAll(more);
    return all;
  }

  /** An answer, or a conversation that ends with it. */
  private List<Turn> answers(JsonNode answer) throws NoInstruction {
    if (isConversation(answer)) {
      return Turns.of(answer);
    }
    var texts = answer.path("text").isArray() ? answer.path("text") : answer;
    if (!texts.isArray() || texts.size() < 2) {
      return List.of(new Turn(Speaker.MODEL, Texts.of(texts)));
    } else if (texts.path(0).isObject()) {
      throw new NoInstruction(Why.UNKNOWN_FORM, "%d answers, none first".formatted(texts.size()));
    }
    leftOut.add("%d answers after the first".formatted(texts.size() - 1));
    return List.of(new Turn(Speaker.MODEL, Texts.of(texts.path(0))));
  }

  private List<Turn> single(JsonNode answer) throws NoInstruction {
    if (answer.isMissingNode()) {
      throw new NoInstruction(Why.NO_TEXT_FIELD, fields.named());
    }
    var answers = answers(answer);
    return answers.get(0).speaker() == Speaker.MODEL
        ? afterHistory(joined(Question.of(fields), answers))
        : answers;
  }

  /** The system prompt: system messages, tools, and context that no turn contains. */
  private String system(List<Turn> turns) throws NoInstruction {
    var texts = new ArrayList<String>();
    for (var system : fields.saying(NamedFields.SYSTEM).values()) {
      texts.add(Texts.of(system));
    }
    fields.saying(NamedFields.TOOLS).values().forEach(tools -> texts.add(Texts.json(tools)));
    for (var given : fields.saying(NamedFields.GIVEN).values()) {
      var text = Question.given(given);
      if (turns.stream().noneMatch(turn -> turn.said().contains(text))) {
        texts.add(text);
      }
    }
    for (var asked : fields.saying(NamedFields.ASKED).entrySet()) {
      var text = asked.getValue().isTextual() ? asked.getValue().textValue().strip() : "";
      if (turns.stream().noneMatch(turn -> isSaid(turn, text)) && !Transcript.isOpen(text)) {
        leftOut.add("the field " + asked.getKey());
      }
    }
    return String.join("\n\n", texts);
  }

  private static boolean isSaid(Turn turn, String text) {
    return turn.said().contains(text)
        || (turn.speaker() == Speaker.USER && text.contains(turn.said().strip()));
  }
}
