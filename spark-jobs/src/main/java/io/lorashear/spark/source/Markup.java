package io.lorashear.spark.source;

import java.util.Optional;
import java.util.regex.Pattern;

/** What a text looks like that is written for a program, and would be learnt as it stands. */
enum Markup {
  HTML(
      "HTML",
      Pattern.compile(
          "</?(p|br|div|a|span|b|i|em|strong|h[1-6]|ul|li|table|tr|td|img|script|style|meta)\\b[^<>]{0,500}>",
          Pattern.CASE_INSENSITIVE)),
  JSON("JSON", Pattern.compile("(?m)^\\s*[\\[{]*\\s*\"\\w[^\"\\n]{0,80}\"\\s*:")),
  LATEX(
      "LaTeX",
      Pattern.compile(
          "\\\\(documentclass|begin|end|section|subsection|cite|ref|label|textbf|emph)\\b[\\[{]")),
  WIKITEXT("wikitext", Pattern.compile("\\[\\[[^\\]\\n]{1,200}\\]\\]|\\{\\{[^}\\n]{1,200}\\}\\}")),
  CSV("a table", Pattern.compile("(?!)"));

  private static final int SEVERAL = 5;

  /** One mark in so many characters is still a text's own. */
  private static final int APART = 400;

  /** As it stands behind "looks like". */
  final String words;

  private final Pattern mark;

  Markup(String words, Pattern mark) {
    this.words = words;
    this.mark = mark;
  }

  /** What a text, or its beginning, looks like; nothing where it looks like text. */
  static Optional<Markup> of(String text) {
    for (var each : values()) {
      var marks = each.mark.matcher(text).results().count();
      if (marks >= SEVERAL && marks * APART >= text.length()
          || each == CSV && Table.looksLike(text)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }
}
