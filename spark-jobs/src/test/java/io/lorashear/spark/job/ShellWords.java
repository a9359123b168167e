package io.lorashear.spark.job;

import java.util.ArrayList;
import java.util.List;

/** A line of a shell as its words: blanks part them, quotes hold them together, # ends them. */
final class ShellWords {
  private ShellWords() {}

  static List<String> of(String line) {
    var words = new ArrayList<String>();
    var word = new StringBuilder();
    boolean inWord = false;
    char quote = 0;
    for (char c : line.toCharArray()) {
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '\'' || c == '"') {
        quote = c;
        inWord = true;
      } else if (Character.isWhitespace(c)) {
        if (inWord) {
          words.add(word.toString());
        }
        word.setLength(0);
        inWord = false;
      } else if (c == '#' && !inWord) {
        break;
      } else {
        word.append(c);
        inWord = true;
      }
    }
    if (quote != 0) {
      throw new AssertionError("a quote is not closed in: " + line);
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }
}
