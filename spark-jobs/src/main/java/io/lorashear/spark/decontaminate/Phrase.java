package io.lorashear.spark.decontaminate;

import io.lorashear.evaluate.Item;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A piece of a question or text that could occur in a document.
 *
 * @param whole whether it is distinctive enough to be searched for even if it has few words
 */
record Phrase(String text, boolean whole) {
  /** The words that prompts add around a question. */
  private static final Pattern PROMPT = Pattern.compile("(?:^|\\n)Question: |\\nAnswer:\\s*$");

  /** Separates the title of a passage from the passage, which mostly occurs without its title. */
  private static final String TITLE_END = " -- ";

  /**
   * The phrases that reveal a question: the question; the question with its answer, with and
   * without the word between them; and a long answer by itself. If the choice is inside the
   * sentence, also the sentence with and without the choice.
   */
  static List<Phrase> of(Item item) {
    var phrases = new ArrayList<Phrase>();
    var right = item.requests().get(item.answer());
    var asked = "";
    for (var piece : PROMPT.split(right.context(), -1)) {
      if (!piece.isBlank()) {
        asked = piece.strip();
        phrases.add(new Phrase(asked, true));
        var title = asked.indexOf(TITLE_END);
        if (title > 0) {
          phrases.add(new Phrase(asked.substring(title + TITLE_END.length()), true));
        }
      }
    }
    phrases.add(new Phrase(asked + right.continuation(), true));
    phrases.add(new Phrase(asked + "\nAnswer:" + right.continuation(), true));
    phrases.add(new Phrase(right.continuation(), false));
    var contexts = item.requests().stream().map(request -> request.context()).distinct().toList();
    if (contexts.size() > 1) {
      var before = commonBeginning(contexts);
      phrases.add(new Phrase(before, true));
      phrases.add(new Phrase(before + " " + right.continuation(), true));
    }
    return phrases;
  }

  /** The common prefix of all texts, up to the end of a word. */
  private static String commonBeginning(List<String> texts) {
    var first = texts.get(0);
    var length = first.length();
    for (var text : texts) {
      while (!text.startsWith(first.substring(0, length))) {
        length--;
      }
    }
    return first.substring(0, first.lastIndexOf(' ', length - 1) + 1);
  }
}
