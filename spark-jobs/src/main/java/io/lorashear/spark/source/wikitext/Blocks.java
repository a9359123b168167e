package io.lorashear.spark.source.wikitext;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.commons.text.StringEscapeUtils;

/**
 * Joins lines to paragraphs. Lists and remains of tables are removed; a heading is kept if a
 * paragraph follows it.
 */
final class Blocks {
  private static final Pattern EMPTY_PARENTHESES = Pattern.compile(" ?[(\\[] ?[,;:.]? ?[)\\]]");
  private static final Pattern AFTER_PARENTHESIS = Pattern.compile("\\( ?(?:[,;:] ?){1,20}");
  private static final Pattern BEFORE_CLOSING = Pattern.compile("(?: ?[,;:]){1,20} ?\\)");

  private static final String BEFORE_WHICH_NO_BLANK = ",.;:)";

  private final List<String> paragraphs = new ArrayList<>();
  private final StringBuilder paragraph = new StringBuilder();
  private final List<Heading> pending = new ArrayList<>();

  private record Heading(int level, String text) {}

  static List<String> paragraphs(String text) {
    var blocks = new Blocks();
    text.lines().forEach(blocks::line);
    blocks.flush();
    return blocks.paragraphs;
  }

  private void line(String raw) {
    var line = raw.strip();
    var first = line.isEmpty() ? '\n' : line.charAt(0);
    switch (first) {
      case '\n', '*', '#', '|' -> flush();
      case '=' -> heading(line);
      case ':', ';' -> {
        flush();
        paragraph.append(line.replaceFirst("^[:;*#]+\\s*", ""));
        flush();
      }
      default -> {
        if (line.startsWith("----")) {
          flush();
        } else if (!line.startsWith("{|")) {
          paragraph.append(paragraph.isEmpty() ? "" : " ").append(line);
        }
      }
    }
  }

  private void heading(String line) {
    flush();
    var level = 0;
    while (level < line.length() / 2
        && line.charAt(level) == '='
        && line.charAt(line.length() - 1 - level) == '=') {
      level++;
    }
    var depth = level;
    var text = line.substring(level, line.length() - level).strip();
    if (level == 0) {
      paragraph.append(line);
      return;
    }
    pending.removeIf(heading -> heading.level() >= depth);
    if (!text.isEmpty()) {
      pending.add(new Heading(level, clean(text)));
    }
  }

  private void flush() {
    var text = clean(paragraph.toString());
    paragraph.setLength(0);
    if (!text.isEmpty()) {
      pending.forEach(heading -> paragraphs.add(heading.text()));
      pending.clear();
      paragraphs.add(text);
    }
  }

  private static String clean(String text) {
    var shown = Marks.shown(Scripts.inLine(text));
    var plain = shown.indexOf('&') < 0 ? shown : StringEscapeUtils.unescapeHtml4(shown);
    var spaced = oneBlank(plain);
    return spaced.indexOf('(') < 0 && spaced.indexOf('[') < 0 ? spaced : withoutGaps(spaced);
  }

  /** White space reduced to single blanks, without blanks before a full stop or at the ends. */
  private static String oneBlank(String text) {
    var right = rightUntil(text);
    if (right == text.length()) {
      return text;
    }
    var out = new StringBuilder(text.length()).append(text, 0, right);
    for (var i = right; i < text.length(); i++) {
      var c = text.charAt(i);
      var blank = isBlank(c);
      var follows = !out.isEmpty() && out.charAt(out.length() - 1) == ' ';
      if (!blank && follows && BEFORE_WHICH_NO_BLANK.indexOf(c) >= 0) {
        out.setLength(out.length() - 1);
      }
      if (!blank) {
        out.append(c);
      } else if (!follows && !out.isEmpty()) {
        out.append(' ');
      }
    }
    return out.toString().strip();
  }

  /** Length of the prefix of {@code text} that needs no change. */
  private static int rightUntil(String text) {
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      if (isBlank(c)) {
        var next = i + 1 < text.length() ? text.charAt(i + 1) : ' ';
        if (c != ' ' || i == 0 || isBlank(next) || BEFORE_WHICH_NO_BLANK.indexOf(next) >= 0) {
          return i;
        }
      }
    }
    return text.length();
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\u00a0' || Character.isWhitespace(c);
  }

  /** Removes brackets whose content was removed, with the signs next to it. */
  private static String withoutGaps(String text) {
    var opened = AFTER_PARENTHESIS.matcher(text).replaceAll("(");
    var closed = BEFORE_CLOSING.matcher(opened).replaceAll(")");
    return oneBlank(EMPTY_PARENTHESES.matcher(closed).replaceAll(""));
  }
}
