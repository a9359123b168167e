package io.lorashear.spark.tokenize;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a long text at the least harmful position in the second half of the part that fits: after
 * the last blank line, otherwise after the last line end, otherwise after the last blank. Only the
 * white space at a cut is left out.
 */
record PassageCutter(int characters) {

  private static final List<String> ENDS = List.of("\n\n", "\n", " ");

  List<String> cut(String text) {
    List<String> passages = new ArrayList<>();
    int from = 0;
    while (text.length() - from > characters) {
      int to = end(text, from);
      add(passages, text.substring(from, to));
      from = to;
    }
    add(passages, text.substring(from));
    return passages;
  }

  private int end(String text, int from) {
    int limit = from + characters;
    for (String end : ENDS) {
      int at = text.lastIndexOf(end, limit - end.length());
      if (at > from + characters / 2) {
        return at + end.length();
      }
    }
    return Character.isLowSurrogate(text.charAt(limit)) ? limit - 1 : limit;
  }

  private static void add(List<String> passages, String passage) {
    String stripped = passage.strip();
    if (!stripped.isEmpty()) {
      passages.add(stripped);
    }
  }
}
