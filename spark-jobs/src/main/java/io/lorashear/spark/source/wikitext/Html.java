package io.lorashear.spark.source.wikitext;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Removes HTML tags. Blocks become paragraphs; superscripts and subscripts are marked for {@link
 * Scripts}; tables and invisible elements are removed with their content.
 */
final class Html {
  private final String text;
  private final Map<Integer, Integer> ends = new HashMap<>();
  private final StringBuilder out;

  private Html(String text) {
    this.text = text;
    out = new StringBuilder(text.length());
  }

  static String without(String text) {
    var i = text.indexOf('<');
    if (i < 0) {
      return text;
    }
    var html = new Html(text);
    html.match();
    var from = 0;
    for (; i >= 0; i = text.indexOf('<', from)) {
      html.out.append(text, from, i);
      from = html.tag(i);
    }
    return html.out.append(text, from, text.length()).toString();
  }

  /**
   * Finds the ends of elements that are removed with their content, including nested ones of the
   * same name.
   */
  private void match() {
    var open = new HashMap<String, Deque<Integer>>();
    for (var i = text.indexOf('<'); i >= 0; i = text.indexOf('<', i + 1)) {
      var closes = text.startsWith("</", i);
      var name = ClosingTags.name(text, closes ? i + 2 : i + 1);
      var end = Tags.isHtml(name) ? Verbatim.end(text, i, name) : -1;
      if (end > 0 && (closes || text.charAt(end - 2) != '/')) {
        var stack = open.computeIfAbsent(name, each -> new ArrayDeque<>());
        if (!closes) {
          stack.push(hides(name, i, end) ? i : -1);
        } else if (!stack.isEmpty() && stack.element() >= 0) {
          ends.put(stack.pop(), end);
        } else {
          stack.poll();
        }
      }
    }
  }

  private boolean hides(String name, int i, int end) {
    var tag = text.substring(i, end).replace(" ", "").toLowerCase(Locale.ROOT);
    return name.equals("table") || tag.contains("display:none");
  }

  private int tag(int i) {
    var hidden = ends.get(i);
    if (hidden != null) {
      return hidden;
    }
    var closes = text.startsWith("</", i);
    var name = ClosingTags.name(text, closes ? i + 2 : i + 1);
    var end = Tags.isHtml(name) ? Verbatim.end(text, i, name) : -1;
    if (end < 0) {
      out.append('<');
      return i + 1;
    }
    out.append(instead(name, closes));
    return end;
  }

  private static String instead(String name, boolean closes) {
    return switch (name) {
      case "br" -> " ";
      case "sup" -> String.valueOf(closes ? Marks.END_OF_SCRIPT : Marks.SUPERSCRIPT);
      case "sub" -> String.valueOf(closes ? Marks.END_OF_SCRIPT : Marks.SUBSCRIPT);
      default -> Tags.BLOCKS.contains(name) ? "\n\n" : "";
    };
  }
}
