package io.lorashear.spark.source.wikitext;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Positions of a text's closing tags, by name, found in one pass and requested in order. */
final class ClosingTags {
  private static final class Places {
    private int[] at = new int[4];
    private int count;
    private int next;

    void add(int place) {
      at = count == at.length ? java.util.Arrays.copyOf(at, count * 2) : at;
      at[count++] = place;
    }

    int after(int from) {
      while (next < count && at[next] < from) {
        next++;
      }
      return next < count ? at[next] : -1;
    }
  }

  private final Map<String, Places> byName = new HashMap<>();

  ClosingTags(String text) {
    for (var i = text.indexOf("</"); i >= 0; i = text.indexOf("</", i + 2)) {
      var name = name(text, i + 2);
      if (!name.isEmpty()) {
        byName.computeIfAbsent(name, each -> new Places()).add(i);
      }
    }
  }

  /** The name of the tag that begins before {@code from}, in lower case; may be empty. */
  static String name(String text, int from) {
    var end = from;
    while (end < text.length() && end - from < 40 && ofName(text.charAt(end))) {
      end++;
    }
    return text.substring(from, end).toLowerCase(Locale.ROOT);
  }

  private static boolean ofName(char c) {
    return Character.isLetterOrDigit(c) || c == '-';
  }

  /**
   * The first closing tag of {@code name} from {@code from} on, or -1; {@code from} must not
   * decrease.
   */
  int after(String name, int from) {
    var places = byName.get(name);
    return places == null ? -1 : places.after(from);
  }
}
