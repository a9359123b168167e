package io.lorashear.spark.source.wikitext;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;

/**
 * Which opening bracket belongs to which closing one, in one pass: templates {@code {{ }}}, links
 * {@code [[ ]]} and variants of a language {@code -{ }-}. Brackets without a partner are plain
 * text.
 */
final class Brackets {
  private enum Kind {
    TEMPLATE,
    LINK,
    VARIANT
  }

  private record Opener(Kind kind, int at) {}

  private final String text;
  private final boolean templates;
  private final boolean variants;
  private final int[] ends;
  private final Deque<Opener> open = new ArrayDeque<>();
  private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);

  private Brackets(String text, boolean templates, boolean variants) {
    this.text = text;
    this.templates = templates;
    this.variants = variants;
    ends = new int[text.length()];
  }

  /**
   * For every opening bracket with a partner the position after that partner, otherwise 0.
   *
   * @param variants whether the wiki's language has variants
   */
  static int[] ofTemplates(String text, boolean variants) {
    return new Brackets(text, true, variants).ends();
  }

  /** The same for links alone, where templates are text by now. */
  static int[] ofLinks(String text) {
    return new Brackets(text, false, false).ends();
  }

  private int[] ends() {
    var i = 0;
    while (i < text.length()) {
      i = step(i);
    }
    return ends;
  }

  private int step(int i) {
    var next = i + 1 < text.length() ? text.charAt(i + 1) : ' ';
    return switch (text.charAt(i)) {
      case '{' -> templates && next == '{' ? push(Kind.TEMPLATE, i) : i + 1;
      case '}' -> templates ? closing(i, next) : i + 1;
      case '[' -> next == '[' ? push(Kind.LINK, i) : i + 1;
      case ']' -> next == ']' ? close(Kind.LINK, i) : i + 1;
      case '-' -> variants && next == '{' && opensVariant(i) ? push(Kind.VARIANT, i) : i + 1;
      default -> i + 1;
    };
  }

  private int closing(int i, char next) {
    if (next == '}') {
      return close(Kind.TEMPLATE, i);
    }
    return variants && next == '-' ? close(Kind.VARIANT, i) : i + 1;
  }

  /** Two braces after the hyphen begin a template. */
  private boolean opensVariant(int i) {
    var braces = 1;
    while (i + 1 + braces < text.length() && text.charAt(i + 1 + braces) == '{' && braces < 4) {
      braces++;
    }
    return braces % 2 == 1;
  }

  private int push(Kind kind, int at) {
    open.push(new Opener(kind, at));
    count(kind, 1);
    return at + 2;
  }

  /**
   * Closes the innermost bracket of the kind. What opened inside it and never closed is text; a
   * link, though, never closes over a template that is still open.
   */
  private int close(Kind kind, int at) {
    var outerOnly = kind == Kind.LINK && !open.isEmpty() && open.element().kind() != Kind.LINK;
    if (counts.getOrDefault(kind, 0) == 0 || outerOnly) {
      return at + (kind == Kind.VARIANT ? 1 : 2);
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
}
