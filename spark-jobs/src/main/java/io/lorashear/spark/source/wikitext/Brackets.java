package io.lorashear.spark.source.wikitext;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;

/**
 * Which opening bracket belongs to which closing one, in one pass: templates {@code {{ }}}, tables
 * {@code {| |}} and links {@code [[ ]]}. Brackets without a partner are plain text.
 */
final class Brackets {
  private enum Kind {
    TEMPLATE,
    TABLE,
    LINK
  }

  private record Opener(Kind kind, int at) {}

  private final String text;
  private final int[] ends;
  private final Deque<Opener> open = new ArrayDeque<>();
  private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);

  private Brackets(String text) {
    this.text = text;
    ends = new int[text.length()];
  }

  /** For every opening bracket with a partner the position after that partner, otherwise 0. */
  static int[] ends(String text) {
    var brackets = new Brackets(text);
    var i = 0;
    while (i < text.length()) {
      i = brackets.step(i);
    }
    return brackets.ends;
  }

  private int step(int i) {
    switch (text.charAt(i)) {
      case '{' -> {
        if (text.startsWith("{{", i)) {
          return push(Kind.TEMPLATE, i);
        } else if (text.startsWith("{|", i) && beginsLine(i)) {
          return push(Kind.TABLE, i);
        }
      }
      case '[' -> {
        if (text.startsWith("[[", i)) {
          return push(Kind.LINK, i);
        }
      }
      case '}' -> {
        if (text.startsWith("}}", i)) {
          return close(Kind.TEMPLATE, i);
        }
      }
      case '|' -> {
        if (text.startsWith("|}", i) && !text.startsWith("|}}", i) && beginsLine(i)) {
          return close(Kind.TABLE, i);
        }
      }
      case ']' -> {
        if (text.startsWith("]]", i)) {
          return close(Kind.LINK, i);
        }
      }
      case '<' -> {
        if (text.startsWith("<nowiki>", i)) {
          var end = text.indexOf("</nowiki>", i);
          return end < 0 ? i + 1 : end;
        }
      }
      default -> {}
    }
    return i + 1;
  }

  private int push(Kind kind, int at) {
    open.push(new Opener(kind, at));
    count(kind, 1);
    return at + 2;
  }

  /**
   * Closes the innermost bracket of the kind. What opened inside it and never closed is text; a
   * link, though, never closes over a template or table that is still open.
   */
  private int close(Kind kind, int at) {
    var outerOnly = kind == Kind.LINK && !open.isEmpty() && open.element().kind() != Kind.LINK;
    if (counts.getOrDefault(kind, 0) == 0 || outerOnly) {
      return at + 2;
    }
    var opener = open.pop();
    while (opener.kind() != kind) {
      count(opener.kind(), -1);
      opener = open.pop();
    }
    count(kind, -1);
    var end = at + 2;
    var triple = kind == Kind.TEMPLATE && text.startsWith("{{{", opener.at());
    if (triple && end < text.length() && text.charAt(end) == '}') {
      end++;
    }
    ends[opener.at()] = end;
    return end;
  }

  private void count(Kind kind, int change) {
    counts.merge(kind, change, Integer::sum);
  }

  private boolean beginsLine(int at) {
    var i = at - 1;
    while (i >= 0 && at - i < 50 && " \t:".indexOf(text.charAt(i)) >= 0) {
      i--;
    }
    return i < 0 || text.charAt(i) == '\n';
  }
}
