package io.lorashear.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * WikiText files (arXiv 1609.07843): articles one after the other, each behind a line {@code =
 * Title =}; words and punctuation are separated by spaces. Reads them as lm-evaluation-harness
 * 0.4.9 does for its task wikitext, and as the data set's rows are joined for strided windows.
 */
final class WikiText {
  private record Rule(Pattern pattern, String replacement) {}

  /** The reference evaluator's detokenizer, rule by rule, its slips included. */
  private static final List<Rule> RULES =
      List.of(
          literal("s '", "s'"),
          new Rule(Pattern.compile("/' [0-9]/"), "/'[0-9]/"),
          literal(" @-@ ", "-"),
          literal(" @,@ ", ","),
          literal(" @.@ ", "."),
          literal(" : ", ": "),
          literal(" ; ", "; "),
          literal(" . ", ". "),
          literal(" ! ", "! "),
          literal(" ? ", "? "),
          literal(" , ", ", "),
          tight("\\(", "([^)]*?)", "\\)", "($1)"),
          tight("\\[", "([^\\]]*?)", "\\]", "[$1]"),
          tight("\\{", "([^}]*?)", "\\}", "{$1}"),
          tight("\"", "([^\"]*?)", "\"", "\"$1\""),
          tight("'", "([^']*?)", "'", "'$1'"),
          literal("= = = =", "===="),
          literal("= = =", "==="),
          literal("= =", "=="),
          literal(" \u00B0 ", "\u00B0"),
          literal(" \n", "\n"),
          literal("\n ", "\n"),
          literal(" N ", " 1 "),
          literal(" 's", "'s"));

  private WikiText() {}

  private static Rule literal(String found, String replacement) {
    return new Rule(Pattern.compile(found, Pattern.LITERAL), replacement);
  }

  private static Rule tight(String open, String inside, String close, String replacement) {
    String pattern = open + "\\s*" + inside + "\\s*" + close;
    return new Rule(Pattern.compile(pattern, Pattern.UNICODE_CHARACTER_CLASS), replacement);
  }

  /** The text without the spaces between words and punctuation. */
  static String detokenized(String article) {
    String text = article;
    for (Rule rule : RULES) {
      text = rule.pattern().matcher(text).replaceAll(rule.replacement());
    }
    return text;
  }

  /** Articles with their titles, cut before every heading of the first level. */
  static List<String> articles(String file) {
    var articles = new ArrayList<String>();
    var lines = new ArrayList<String>();
    for (String line : file.split("\n", -1)) {
      if (isTitle(line)) {
        addIfText(articles, lines);
        lines.clear();
      }
      lines.add(line);
    }
    addIfText(articles, lines);
    return articles;
  }

  private static void addIfText(List<String> articles, List<String> lines) {
    String article = String.join("\n", lines);
    if (!article.isBlank()) {
      articles.add(article);
    }
  }

  private static boolean isTitle(String line) {
    String marks = line.replace("= = =", "===").replace("= =", "==");
    String stripped = PythonText.strip(marks);
    return stripped.startsWith("= ") && stripped.endsWith(" =");
  }

  /** The published data set's rows: every line with its end, empty lines as empty texts. */
  static List<String> rows(String file) {
    var rows = new ArrayList<String>();
    for (String line : file.split("(?<=\n)", -1)) {
      if (!line.isEmpty()) {
        rows.add(line.isBlank() ? "" : line);
      }
    }
    return rows;
  }
}
