package io.lorashear.spark.source.wikitext;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * Replaces links by their words. Links to files, categories and the same article in another
 * language leave nothing.
 */
final class Links {
  private static final int DEEPEST = 30;
  private static final Pattern LANGUAGE = Pattern.compile("[a-z]{2,3}(-[a-z-]{2,12})?|simple");
  private static final Pattern ADDRESS =
      Pattern.compile("(?:https?:|ftp:|mailto:|news:|irc:)?//[^\\s\\]]*|mailto:[^\\s\\]]*");
  private static final Pattern FILE =
      Pattern.compile(
          "(?i).*\\.(jpe?g|png|gif|svg|tiff?|webp|xcf|pdf|djvu|og[gav]|webm|mp[34]|wav)");
  private static final Pattern WIDTH = Pattern.compile("\\s*\\d{0,4}(x\\d{1,4})?\\s*px\\s*");
  private static final Set<String> IMAGE_OPTIONS = Words.OF_MARK_UP.in("image option");

  private final String text;
  private final Namespaces namespaces;
  private final int[] ends;
  private final StringBuilder out;
  private int closer;

  private Links(String text, Namespaces namespaces) {
    this.text = text;
    this.namespaces = namespaces;
    ends = Brackets.ofLinks(text);
    out = new StringBuilder(text.length());
  }

  static String without(String text, Namespaces namespaces) {
    if (text.indexOf('[') < 0) {
      return text;
    }
    var links = new Links(text, namespaces);
    links.range(0, text.length(), 0);
    return links.out.toString();
  }

  private void range(int from, int to, int depth) {
    var copied = from;
    var i = text.indexOf('[', from);
    while (i >= 0 && i < to && depth <= DEEPEST) {
      var end = ends[i] > to ? 0 : ends[i];
      var address = end > 0 ? 0 : address(i, to);
      if (end == 0 && address == 0) {
        i = text.indexOf('[', i + 1);
      } else {
        out.append(text, copied, i);
        copied = end > 0 ? end : next(address) + 1;
        if (end > 0) {
          link(i + 2, end - 2, depth);
        } else {
          label(address, copied - 1, depth);
        }
        i = text.indexOf('[', copied);
      }
    }
    out.append(text, copied, to);
  }

  private void link(int from, int to, int depth) {
    var bar = bar(from, to);
    var target = text.substring(from, bar).strip();
    if (leavesNothing(target, bar, to)) {
      return;
    }
    var start = bar + 1 < to && !text.substring(bar + 1, to).isBlank() ? bar + 1 : -1;
    if (start >= 0) {
      shownAsText(text.charAt(start));
      range(start, to, depth + 1);
    } else {
      var shown = target.startsWith(":") || target.startsWith("#") ? target.substring(1) : target;
      out.append(shown);
    }
  }

  /** Marks the text of a link at the beginning of a line, so that it does not begin a list. */
  private void shownAsText(char first) {
    var beginsLine = out.isEmpty() || out.charAt(out.length() - 1) == '\n';
    if (beginsLine && "*#:;|!=-{".indexOf(first) >= 0) {
      out.append(Marks.TEXT);
    }
  }

  private void label(int from, int to, int depth) {
    var start = from;
    while (start < to && Character.isWhitespace(text.charAt(start))) {
      start++;
    }
    range(start, to, depth + 1);
  }

  private int bar(int from, int to) {
    for (var i = from; i < to; i++) {
      if (ends[i] > 0 && ends[i] <= to) {
        i = ends[i] - 1;
      } else if (text.charAt(i) == '|') {
        return i;
      }
    }
    return to;
  }

  private boolean leavesNothing(String target, int bar, int to) {
    var colon = target.indexOf(':');
    if (colon <= 0) {
      return false;
    }
    var prefix = target.substring(0, colon).strip();
    return namespaces.ofFilesOrCategories(prefix)
        || bar == to && LANGUAGE.matcher(prefix).matches()
        || FILE.matcher(target).matches() && isShownFile(bar, to);
  }

  /** Whether the text after the target has options of a picture, whatever the link's prefix. */
  private boolean isShownFile(int bar, int to) {
    for (var start = bar; start < to; ) {
      var end = bar(start + 1, to);
      var option = text.substring(start + 1, end);
      if (IMAGE_OPTIONS.contains(Words.spelt(option)) || WIDTH.matcher(option).matches()) {
        return true;
      }
      start = end;
    }
    return false;
  }

  /** The end of the address after {@code [} in an external link, or 0. */
  private int address(int i, int to) {
    var matcher = ADDRESS.matcher(text).region(i + 1, to);
    if (!matcher.lookingAt()) {
      return 0;
    }
    var close = next(matcher.end());
    return close < 0 || close >= to || text.charAt(close) == '\n' ? 0 : matcher.end();
  }

  /** The next closing bracket or end of line, or -1; cached for all positions before it. */
  private int next(int from) {
    if (closer < from) {
      closer = from;
      while (closer < text.length() && "]\n".indexOf(text.charAt(closer)) < 0) {
        closer++;
      }
    }
    return closer < text.length() ? closer : -1;
  }
}
