package io.lorashear.spark.source.wikitext;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.commons.text.StringEscapeUtils;

/**
 * Lines to paragraphs. Lists and what is left of tables go; a heading stays where a paragraph
 * stands under it.
 */
final class Blocks {
  private static final Pattern SPACES = Pattern.compile("[\\s\\u00a0]+");
  private static final Pattern EMPTY_PARENTHESES = Pattern.compile(" ?[(\\[] ?[,;:.]? ?[)\\]]");
  private static final Pattern AFTER_PARENTHESIS = Pattern.compile("\\( ?(?:[,;:] ?)+");
  private static final Pattern BEFORE_CLOSING = Pattern.compile("(?: ?[,;:])+ ?\\)");
  private static final Pattern BEFORE_POINT = Pattern.compile(" ([,.;:)])");

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
    var shown = StringEscapeUtils.unescapeHtml4(Marks.shown(Scripts.inLine(text)));
    var spaced = SPACES.matcher(shown).replaceAll(" ");
    var filled = EMPTY_PARENTHESES.matcher(spaced).replaceAll("");
    var opened = AFTER_PARENTHESIS.matcher(filled).replaceAll("(");
    var closed = BEFORE_CLOSING.matcher(opened).replaceAll(")");
    return BEFORE_POINT.matcher(closed).replaceAll("$1").strip();
  }
}
