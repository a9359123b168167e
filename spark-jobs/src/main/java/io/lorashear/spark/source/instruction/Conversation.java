package io.lorashear.spark.source.instruction;

import io.lorashear.spark.source.instruction.NoInstruction.Why;
import java.util.ArrayList;
import java.util.List;

/**
 * A conversation up to an answer, and the answer.
 *
 * @param system system prompt; usually empty
 * @param turns the turns before the answer
 * @param response the answer to train on
 * @param leftOut description of turns that belong to no question before the answer
 */
public record Conversation(String system, List<Turn> turns, String response, List<String> leftOut) {

  /**
   * The conversation up to the last answer.
   *
   * @param system system prompt outside the turns
   * @throws NoInstruction if turns do not alternate, or nothing is asked or answered
   */
  static Conversation of(String system, List<Turn> all) throws NoInstruction {
    var leftOut = new ArrayList<String>();
    var before = new ArrayList<String>();
    if (!system.isBlank()) {
      before.add(system);
    }
    var turns = new ArrayList<Turn>();
    for (var turn : all) {
      if (turn.speaker() == Speaker.SYSTEM && turns.isEmpty()) {
        before.remove(turn.said());
        before.add(turn.said());
      } else if (turn.speaker() == Speaker.MODEL && turns.isEmpty()) {
        leftOut.add("an answer before the first question");
      } else {
        turns.add(inTurn(turns, turn));
      }
    }
    while (!turns.isEmpty() && last(turns).speaker() != Speaker.MODEL) {
      leftOut.add("a question that nobody answered");
      turns.remove(turns.size() - 1);
    }
    return of(String.join("\n\n", before), turns, leftOut);
  }

  private static Conversation of(String system, List<Turn> turns, List<String> leftOut)
      throws NoInstruction {
    if (turns.isEmpty() || last(turns).said().isBlank()) {
      throw new NoInstruction(Why.NO_RESPONSE, "");
    } else if (turns.get(0).said().isBlank()) {
      throw new NoInstruction(Why.NO_TEXT, "");
    } else if (!last(turns).learnt()) {
      throw new NoInstruction(Why.MARKED_BAD, "the last answer has no weight");
    }
    var asked = List.copyOf(turns.subList(0, turns.size() - 1));
    return new Conversation(system, asked, last(turns).said(), List.copyOf(leftOut));
  }

  private static Turn inTurn(List<Turn> before, Turn turn) throws NoInstruction {
    var last = before.isEmpty() ? Speaker.SYSTEM : last(before).speaker();
    var follows =
        switch (turn.speaker()) {
          case SYSTEM -> false;
          case USER -> last == Speaker.MODEL || nobodyAsked(before);
          case CONTEXT -> true;
          case MODEL -> last == Speaker.USER || last == Speaker.CONTEXT;
        };
    if (!follows) {
      var what = "turn %d of %s follows one of %s";
      throw new NoInstruction(
          Why.NOT_IN_TURN, what.formatted(before.size() + 1, turn.speaker(), last));
    }
    return turn;
  }

  private static boolean nobodyAsked(List<Turn> turns) {
    return turns.stream().noneMatch(turn -> turn.speaker() == Speaker.USER);
  }

  private static Turn last(List<Turn> turns) {
    return turns.get(turns.size() - 1);
  }

  Conversation without(List<String> more) {
    var all = new ArrayList<>(leftOut);
    all.addAll(more);
    return new Conversation(system, turns, response, all);
  }
}
