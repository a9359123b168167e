package io.lorashear.spark.source.wikitext;

import java.util.Arrays;

/**
 * Matches opening and closing brackets in one pass: templates {@code {{ }}}, links {@code [[ ]]}
 * and variants of a language {@code -{ }-}. Brackets without a partner are plain text.
 */
final class Brackets {
  private static final int TEMPLATE = 0;
  private static final int LINK = 1;
  private static final int VARIANT = 2;

  private final String text;
  private final boolean templates;
  private final boolean variants;
  private final int[] ends;
  private final int[] counts = new int[3];

  /** Stack of open brackets, innermost last: four times the position, plus the kind. */
  private long[] open = new long[16];

  private int depth;

  private Brackets(String text, boolean templates, boolean variants) {
    this.text = text;
    this.templates = templates;
    this.variants = variants;
    ends = new int[text.length()];
  }

  /**
   * For every position of an opening bracket with a partner, the position after the partner;
   * otherwise 0.
   *
   * @param variants whether the wiki's language has variants
   */
  static int[] ofTemplates(String text, boolean variants) {
    return new Brackets(text, true, variants).ends();
  }

  /** The same only for links, after templates were replaced. */
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
    var c = text.charAt(i);
    if (c < '[' && c != '-') {
      return i + 1;
    }
    var next = i + 1 < text.length() ? text.charAt(i + 1) : ' ';
    return switch (c) {
      case '{' -> templates && next == '{' ? push(TEMPLATE, i) : i + 1;
      case '}' -> templates ? closing(i, next) : i + 1;
      case '[' -> next == '[' ? push(LINK, i) : i + 1;
      case ']' -> next == ']' ? close(LINK, i) : i + 1;
      case '-' -> variants && next == '{' && opensVariant(i) ? push(VARIANT, i) : i + 1;
      default -> i + 1;
    };
  }

  private int closing(int i, char next) {
    if (next == '}') {
      return close(TEMPLATE, i);
    }
    return variants && next == '-' ? close(VARIANT, i) : i + 1;
  }

  /** Whether a variant begins here; two braces after the hyphen begin a template instead. */
  private boolean opensVariant(int i) {
    var braces = 1;
    while (i + 1 + braces < text.length() && text.charAt(i + 1 + braces) == '{' && braces < 4) {
      braces++;
    }
    return braces % 2 == 1;
  }

  private int push(int kind, int at) {
    open = depth == open.length ? Arrays.copyOf(open, depth * 2) : open;
    open[depth++] = 4L * at + kind;
    counts[kind]++;
    return at + 2;
  }

  /**
   * Closes the innermost bracket of the kind. Brackets opened inside it that were never closed are
   * plain text; but a link is never closed while a template inside it is open.
   */
  private int close(int kind, int at) {
    var outerOnly = kind == LINK && depth > 0 && open[depth - 1] % 4 != LINK;
    if (counts[kind] == 0 || outerOnly) {
      return at + (kind == VARIANT ? 1 : 2);
    }
    var opener = pop();
    while (opener % 4 != kind) {
      opener = pop();
    }
    var from = (int) (opener / 4);
    var end = at + 2;
    var triple = kind == TEMPLATE && text.startsWith("{{{", from);
    if (triple && end < text.length() && text.charAt(end) == '}') {
      end++;
    }
    ends[from] = end;
    return end;
  }

  private long pop() {
    var opener = open[--depth];
    counts[(int) (opener % 4)]--;
    return opener;
  }
}
