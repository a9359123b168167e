package io.lorashear.spark.source.wikitext;

/**
 * Removes what MediaWiki processes before other mark-up: comments, and the tags of extensions with
 * their content, which has a syntax of its own. The content of {@code nowiki} is kept as text. An
 * unknown tag counts as a tag only if it has attributes or a closing tag; its content is kept if it
 * reads like a sentence.
 */
final class Verbatim {
  private final String text;
  private final ClosingTags closing;
  private final StringBuilder out;

  private Verbatim(String text) {
    this.text = text;
    closing = new ClosingTags(text);
    out = new StringBuilder(text.length());
  }

  static String without(String text) {
    var i = text.indexOf('<');
    if (i < 0) {
      return text;
    }
    var verbatim = new Verbatim(text);
    var from = 0;
    for (; i >= 0; i = text.indexOf('<', from)) {
      verbatim.out.append(text, from, i);
      from = verbatim.tag(i);
    }
    return verbatim.out.append(text, from, text.length()).toString();
  }

  private int tag(int i) {
    if (text.startsWith("<!--", i)) {
      return comment(i);
    }
    var closes = text.startsWith("</", i);
    var name = ClosingTags.name(text, closes ? i + 2 : i + 1);
    var end = end(text, i, name);
    if (end < 0 || Tags.isHtml(name)) {
      return copy(i);
    } else if (closes) {
      return end;
    }
    var close = text.charAt(end - 2) == '/' ? -1 : closing.after(name, end);
    return close < 0 ? withoutContent(i, name, end) : around(name, end, close);
  }

  private int copy(int i) {
    out.append('<');
    return i + 1;
  }

  /** The position after the tag that begins at {@code from}, or -1 if it is not a tag. */
  static int end(String text, int from, String name) {
    var i = from + name.length() + (text.startsWith("</", from) ? 2 : 1);
    if (name.isEmpty() || i >= text.length() || " \t\n/>".indexOf(text.charAt(i)) < 0) {
      return -1;
    }
    while (i < text.length() && text.charAt(i) != '>' && text.charAt(i) != '<') {
      i++;
    }
    return i < text.length() && text.charAt(i) == '>' ? i + 1 : -1;
  }

  /** Removes a comment; one that fills whole lines is removed with its line break. */
  private int comment(int i) {
    var end = text.indexOf("-->", i + 4);
    if (end < 0) {
      return text.length();
    }
    var after = end + 3;
    var beginsLine = out.isEmpty() || out.charAt(out.length() - 1) == '\n';
    var endsLine = after < text.length() && text.charAt(after) == '\n';
    return beginsLine && endsLine ? after + 1 : after;
  }

  private int around(String name, int end, int close) {
    switch (Tags.content(name, text, end, close)) {
      case TEXT -> Marks.hide(text, end, close, out);
      case FORMULA -> out.append(Formula.text(text.substring(end, close)));
      case SUBSTANCE -> out.append(Formula.substance(text.substring(end, close)));
      case WIKITEXT -> {
        return end;
      }
      default -> {}
    }
    var after = end(text, close, name);
    return after < 0 ? text.length() : after;
  }

  /** Removes an extension's tag that is not closed, together with its paragraph. */
  private int withoutContent(int i, String name, int end) {
    var empty = text.charAt(end - 2) == '/';
    if (!Tags.isExtension(name)) {
      var attribute = text.indexOf('=', i);
      return empty || attribute >= 0 && attribute < end ? end : copy(i);
    } else if (empty || name.equals("nowiki")) {
      return end;
    }
    var paragraph = text.indexOf("\n\n", end);
    return paragraph < 0 ? text.length() : paragraph;
  }
}
