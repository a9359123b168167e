package io.lorashear.spark.source.wikitext;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Takes the mark-up inside lines away: templates, tables, links, tags, quotes that mean bold.
 * Headings, lists and paragraphs are left to {@link Blocks}.
 */
final class Inline {
  private static final int DEEPEST = 30;
  private static final int LONGEST_TAG = 3000;
  private static final Pattern LANGUAGE = Pattern.compile("[a-z]{2,3}(-[a-z-]{2,12})?|simple");
  private static final Pattern ADDRESS =
      Pattern.compile("(?:https?:|ftp:|mailto:|news:|irc:)?//[^\\s\\]]*|mailto:[^\\s\\]]*");

  private final String text;
  private final Namespaces namespaces;
  private final int depth;
  private final int[] ends;
  private final StringBuilder out;
  private final Set<String> unclosed = new HashSet<>();
  private int closer;

  private Inline(String text, Namespaces namespaces, int depth) {
    this.text = text;
    this.namespaces = namespaces;
    this.depth = depth;
    ends = Brackets.ends(text);
    out = new StringBuilder(text.length());
  }

  static String strip(String text, Namespaces namespaces) {
    return strip(text, namespaces, 0);
  }

  private static String strip(String text, Namespaces namespaces, int depth) {
    if (depth > DEEPEST || text.isEmpty()) {
      return "";
    }
    var inline = new Inline(text, namespaces, depth);
    var i = 0;
    while (i < text.length()) {
      i = inline.step(i);
    }
    return inline.out.toString();
  }

  private int step(int i) {
    return switch (text.charAt(i)) {
      case '{' -> ends[i] > 0 ? brace(i) : copy(i);
      case '[' -> ends[i] > 0 ? link(i) : external(i);
      case '\'' -> quotes(i);
      case '<' -> tag(i);
      case '_' -> magicWord(i);
      default -> copy(i);
    };
  }

  private int copy(int i) {
    out.append(text.charAt(i));
    return i + 1;
  }

  private int brace(int i) {
    if (text.charAt(i + 1) == '|') {
      out.append('\n');
    } else if (!text.startsWith("{{{", i)) {
      out.append(inner(Templates.wikitext(parts(i + 2, ends[i] - 2))));
    }
    return ends[i];
  }

  private String inner(String wikitext) {
    return strip(wikitext, namespaces, depth + 1);
  }

  /** What stands between the bars of {@code from} to {@code to}, bars inside brackets aside. */
  private List<String> parts(int from, int to) {
    var parts = new ArrayList<String>();
    var start = from;
    for (var i = from; i < to; i++) {
      if (ends[i] > 0 && ends[i] <= to) {
        i = ends[i] - 1;
      } else if (text.charAt(i) == '|') {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start, to));
    return parts;
  }

  private int link(int i) {
    var parts = parts(i + 2, ends[i] - 2);
    var target = parts.get(0).strip();
    if (!leavesNothing(target, parts.size() > 1)) {
      var label = parts.size() > 1 ? String.join("|", parts.subList(1, parts.size())) : "";
      out.append(inner(label.isBlank() ? shown(target) : label));
    }
    return ends[i];
  }

  private static String shown(String target) {
    return target.startsWith(":") || target.startsWith("#") ? target.substring(1) : target;
  }

  /** Links to files and categories, and those to the same article in another language. */
  private boolean leavesNothing(String target, boolean labelled) {
    var colon = target.indexOf(':');
    if (colon <= 0) {
      return false;
    }
    var prefix = target.substring(0, colon).strip();
    var lower = prefix.toLowerCase(Locale.ROOT);
    return namespaces.files().contains(lower)
        || namespaces.categories().contains(lower)
        || !labelled && LANGUAGE.matcher(prefix).matches();
  }

  /** {@code [address label]}: the label, or nothing where there is none. */
  private int external(int i) {
    var matcher = ADDRESS.matcher(text).region(i + 1, text.length());
    if (!matcher.lookingAt()) {
      return copy(i);
    }
    var close = next(matcher.end());
    if (close < 0 || text.charAt(close) == '\n') {
      return copy(i);
    }
    out.append(inner(text.substring(matcher.end(), close).strip()));
    return close + 1;
  }

  /** The next closing bracket or end of line, or -1; found once for all that stand before it. */
  private int next(int from) {
    if (closer < from) {
      closer = from;
      while (closer < text.length() && "]\n".indexOf(text.charAt(closer)) < 0) {
        closer++;
      }
    }
    return closer < text.length() ? closer : -1;
  }

  /** Two, three or five apostrophes are italics and bold; the rest of a run are apostrophes. */
  private int quotes(int i) {
    var end = i;
    while (end < text.length() && text.charAt(end) == '\'') {
      end++;
    }
    var run = end - i;
    out.append("'".repeat(run == 1 || run == 4 ? 1 : Math.max(0, run - 5)));
    return end;
  }

  private int magicWord(int i) {
    var end = i + 2;
    while (end < text.length() && Character.isUpperCase(text.charAt(end))) {
      end++;
    }
    var found = text.startsWith("__", i) && end > i + 3 && text.startsWith("__", end);
    return found ? end + 2 : copy(i);
  }

  private int tag(int i) {
    var closing = text.startsWith("</", i);
    var from = closing ? i + 2 : i + 1;
    var nameEnd = from;
    while (nameEnd < text.length() && Character.isLetterOrDigit(text.charAt(nameEnd))) {
      nameEnd++;
    }
    var name = text.substring(from, nameEnd).toLowerCase(Locale.ROOT);
    var end = Tags.known(name) ? tagEnd(nameEnd) : -1;
    if (end < 0) {
      return copy(i);
    }
    var opening = !closing && text.charAt(end - 2) != '/';
    if (opening && name.equals("nowiki")) {
      return verbatim(end);
    } else if (opening && Tags.DROPPED.contains(name)) {
      return afterContent(name, end);
    }
    out.append(Tags.BLOCKS.contains(name) ? "\n\n" : name.equals("br") ? " " : "");
    return end;
  }

  private int tagEnd(int from) {
    var end = text.indexOf('>', from);
    return end < 0 || end - from > LONGEST_TAG ? -1 : end + 1;
  }

  private int verbatim(int from) {
    var end = text.indexOf("</nowiki>", from);
    var until = end < 0 ? from : end;
    out.append(text, from, until);
    return until;
  }

  /** Where the text goes on after the content of a tag; an unclosed one ends with its paragraph. */
  private int afterContent(String name, int from) {
    if (!unclosed.contains(name)) {
      for (var at = text.indexOf("</", from); at >= 0; at = text.indexOf("</", at + 2)) {
        if (text.regionMatches(true, at + 2, name, 0, name.length())) {
          var end = text.indexOf('>', at);
          return end < 0 ? text.length() : end + 1;
        }
      }
      unclosed.add(name);
    }
    var paragraph = text.indexOf("\n\n", from);
    return paragraph < 0 ? text.length() : paragraph;
  }
}
