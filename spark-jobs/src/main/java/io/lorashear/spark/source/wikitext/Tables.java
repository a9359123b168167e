package io.lorashear.spark.source.wikitext;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Removes tables, including nested ones. Of a table that is never closed only unambiguous lines are
 * removed.
 */
final class Tables {
  private final List<String> lines;
  private final Map<Integer, Integer> ends = new HashMap<>();

  private Tables(String text) {
    lines = text.lines().toList();
    var open = new ArrayDeque<Integer>();
    for (var i = 0; i < lines.size(); i++) {
      match(i, open);
    }
  }

  private void match(int i, Deque<Integer> open) {
    var line = bare(lines.get(i));
    if (line.startsWith("{|")) {
      open.push(i);
    } else if (line.startsWith("|}") && !open.isEmpty()) {
      ends.put(open.pop(), i);
    }
  }

  private static String bare(String line) {
    var from = 0;
    while (from < line.length() && from < 50 && " \t:".indexOf(line.charAt(from)) >= 0) {
      from++;
    }
    return line.substring(from);
  }

  static String without(String text) {
    var any = text.contains("{|") || text.contains("|}") || text.contains("\n!");
    return any ? new Tables(text).rest() : text;
  }

  private String rest() {
    var rest = new ArrayList<String>();
    for (var i = 0; i < lines.size(); i++) {
      var line = bare(lines.get(i));
      var end = ends.get(i);
      if (end != null) {
        i = end;
        rest.add("");
        rest.add(bare(lines.get(end)).substring(2));
      } else if (!line.startsWith("{|") && !line.startsWith("|}") && !isHeader(i)) {
        rest.add(lines.get(i));
      }
    }
    return String.join("\n", rest);
  }

  /** Whether a line is the header of a table without an opening: it has cells next to it. */
  private boolean isHeader(int i) {
    return lines.get(i).startsWith("!") && (isCell(i - 1) || isCell(i + 1));
  }

  private boolean isCell(int i) {
    var line = i < 0 || i >= lines.size() ? "" : lines.get(i);
    return line.startsWith("!") || line.startsWith("|") || line.startsWith("{|");
  }
}
