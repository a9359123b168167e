package io.lorashear.spark.source.instruction;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A conversation in one text: {@code \n\nHuman: …\n\nAssistant: …}, as in Anthropic's preference
 * data, or {@code ### Human: …### Assistant: …}.
 */
final class Transcript {
  private static final Pattern SPEAKS =
      Pattern.compile(
          "(?i)(?:\\A\\s*|\\n\\n|\\s*### ?)(Human|User|Assistant|System|GPT|Function response): ?");

  private Transcript() {}

  /** Whether a text begins with a speaker's name, and the model also speaks in it. */
  static boolean is(String text) {
    return SPEAKS.matcher(text).lookingAt()
        && turns(text).stream().anyMatch(turn -> turn.speaker() == Speaker.MODEL);
  }

  /** Whether a text is a transcript that ends where the model speaks next. */
  static boolean isOpen(String text) {
    if (!is(text)) {
      return false;
    }
    var turns = turns(text);
    var last = turns.get(turns.size() - 1);
    return last.speaker() == Speaker.MODEL && last.said().isEmpty();
  }

  /** The turns of a transcript; the last may be an empty one of the model. */
  static List<Turn> turns(String text) {
    var turns = new ArrayList<Turn>();
    var speaks = SPEAKS.matcher(text).results().toList();
    for (var i = 0; i < speaks.size(); i++) {
      var end = i + 1 < speaks.size() ? speaks.get(i + 1).start() : text.length();
      var speaker = Speaker.of(speaks.get(i).group(1)).orElseThrow();
      turns.add(new Turn(speaker, text.substring(speaks.get(i).end(), end).strip()));
    }
    return turns;
  }
}
