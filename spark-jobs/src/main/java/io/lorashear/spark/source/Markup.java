package io.lorashear.spark.source;

import java.util.regex.Pattern;

/** Recognises text with markup for programs, which would be trained on unchanged. */
enum Markup {
  TAGS(
      Warning.LOOKS_LIKE_MARKUP,
      '<',
      Pattern.compile("</[A-Za-z][\\w:-]*\\s*>|<[A-Za-z][\\w:-]*(?:\\s[^<>]{0,500})?/?>")),
  JSON(Warning.LOOKS_LIKE_JSON, ':', Pattern.compile("[\\[{,]\\s*\"\\w[^\"\\n]{0,80}\"\\s*:")),
  LATEX(
      Warning.LOOKS_LIKE_LATEX,
      '\\',
      Pattern.compile(
          "\\\\(?:documentclass|usepackage|begin|end|section|subsection|cite|ref|label|textbf|emph)"
              + "\\b[\\[{]")),
  WIKITEXT(
      Warning.LOOKS_LIKE_WIKITEXT,
      '[',
      Pattern.compile("\\[\\[[^\\]\\n]{1,200}\\]\\]|\\{\\{[^}\\n]{1,200}\\}\\}"));

  private static final int BEGINNING = 1 << 12;
  private static final int SEVERAL = 5;

  /** Up to one mark in so many characters counts as normal text. */
  private static final int APART = 400;

  private final Warning warning;
  private final char sign;
  private final Pattern mark;

  /**
   * @param sign character that every mark contains, so that text without it need not be searched
   */
  Markup(Warning warning, char sign, Pattern mark) {
    this.warning = warning;
    this.sign = sign;
    this.mark = mark;
  }

  /** The document, with a warning if its beginning looks like markup. */
  static Document told(Document document) {
    var text = document.text();
    var beginning = text.substring(0, Math.min(text.length(), BEGINNING));
    for (var each : values()) {
      var marks = each.marks(beginning);
      if (marks >= SEVERAL && marks * APART >= beginning.length()) {
        var found = "%d marks in its first %d characters".formatted(marks, beginning.length());
        return document.warning(each.warning, found);
      }
    }
    return Table.looksLike(beginning)
        ? document.warning(Warning.LOOKS_LIKE_TABLE, "lines of as many values each")
        : document;
  }

  private long marks(String text) {
    return signs(text) ? mark.matcher(text).results().count() : 0;
  }

  /**
   * Whether the text has enough marks; tags must also be closed, unlike angle brackets in program
   * code.
   */
  private boolean signs(String text) {
    if (this == TAGS && !text.contains("</")) {
      return false;
    }
    var signs = 0;
    for (var at = text.indexOf(sign); at >= 0 && signs < SEVERAL; at = text.indexOf(sign, at + 1)) {
      signs++;
    }
    return signs == SEVERAL;
  }
}
