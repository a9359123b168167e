package io.lorashear.spark.source.wikitext;

import java.util.Set;

/**
 * Behaviour switches such as {@code __NOTOC__}, in all languages, which control how a page is
 * shown.
 */
final class Switches {
  private static final Set<String> NAMES = Words.OF_MARK_UP.in("switch");
  private static final Set<String> IN_ANY_CASE = Words.OF_MARK_UP.in("switch in any case");
  private static final Set<String> DISAMBIGUATION = Words.OF_MARK_UP.in("disambiguation switch");
  private static final int LONGEST = 60;

  private Switches() {}

  static String without(String text) {
    return without(without(text, "__"), "＿＿");
  }

  private static String without(String text, String bars) {
    var start = text.indexOf(bars);
    if (start < 0) {
      return text;
    }
    var out = new StringBuilder(text.length());
    var from = 0;
    for (; start >= 0; start = text.indexOf(bars, Math.max(from, start + 1))) {
      var name = name(text, start);
      if (!name.isEmpty() && (isSwitch(name) || isAlone(text, start, name))) {
        out.append(text, from, start);
        from = start + name.length() + 4;
      }
    }
    return out.append(text, from, text.length()).toString();
  }

  /** Whether a page has the switch of disambiguation pages. */
  static boolean ofDisambiguation(String text) {
    for (var start = text.indexOf("__"); start >= 0; start = text.indexOf("__", start + 1)) {
      if (DISAMBIGUATION.contains(name(text, start).replace('_', ' '))) {
        return true;
      }
    }
    return false;
  }

  /** The text between two pairs of underscores; empty if the second pair is missing. */
  private static String name(String text, int start) {
    var from = start + 2;
    for (var i = from; i + 1 < text.length() && i - from < LONGEST; i++) {
      var c = text.charAt(i);
      if (c == '\n') {
        return "";
      } else if ((c == '_' || c == '＿') && text.charAt(i + 1) == c) {
        return text.substring(from, i);
      }
    }
    return "";
  }

  /**
   * Whether an unknown name in capitals is alone on its line, and is therefore a switch of an
   * extension.
   */
  private static boolean isAlone(String text, int start, String name) {
    var end = start + name.length() + 4;
    var beginsLine = start == 0 || text.charAt(start - 1) == '\n';
    var endsLine = end == text.length() || text.charAt(end) == '\n';
    return beginsLine && endsLine && name.chars().allMatch(Character::isUpperCase);
  }

  private static boolean isSwitch(String name) {
    var spaced = name.replace('_', ' ').strip();
    return NAMES.contains(spaced) || IN_ANY_CASE.contains(Words.spelt(name));
  }
}
