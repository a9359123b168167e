package io.lorashear.spark.source.wikitext;

import java.util.Locale;
import java.util.Set;
import org.apache.commons.text.StringEscapeUtils;

/**
 * Writes superscripts and subscripts in one line. Characters with a Unicode superscript or
 * subscript form become that form (10⁵, H₂O, xⁿ); endings of numerals and abbreviations are
 * unchanged (19th, XIXe), and so are subscripts of letters (Vmax). Any other superscript gets a
 * circumflex before it, so that it is not read as part of the text next to it: 2^k, 2^(k+1).
 */
final class Scripts {
  private static final String PLAIN = "0123456789+-−=()ni";
  private static final String RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ";
  private static final String LOWERED = "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₙᵢ";
  private static final int LONGEST = 12;
  private static final Set<String> ENDINGS =
      Set.of(
          "th", "st", "nd", "rd", "e", "er", "re", "ère", "ème", "eme", "nde", "o", "os", "a", "as",
          "me", "mes", "lle", "lles", "gr", "r", "s", "te", "ste", "ma", "mo", "ra", "ro", "da",
          "do", "na", "no", "tm", "sm", "ter", "bis", "ii", "iii", "de");

  private Scripts() {}

  /** {@code text} with its script marks resolved; nested scripts count as the outer one. */
  static String inLine(String text) {
    var start = next(text, 0);
    if (start < 0) {
      return text;
    }
    var out = new StringBuilder(text.length());
    var from = 0;
    while (start >= 0) {
      out.append(text, from, start);
      var end = text.indexOf(Marks.END_OF_SCRIPT, start);
      var until = end < 0 ? text.length() : end;
      var marked = text.substring(start + 1, until);
      var script = StringEscapeUtils.unescapeHtml4(Marks.shown(marked)).strip();
      var isRaised = text.charAt(start) == Marks.SUPERSCRIPT;
      out.append(isRaised ? raised(script, out) : lowered(script));
      from = end < 0 ? until : end + 1;
      start = next(text, from);
    }
    return out.append(text, from, text.length()).toString();
  }

  private static int next(String text, int from) {
    for (var i = from; i < text.length(); i++) {
      var c = text.charAt(i);
      if (c == Marks.SUPERSCRIPT || c == Marks.SUBSCRIPT) {
        return i;
      }
    }
    return -1;
  }

  private static String raised(String script, CharSequence before) {
    var own = ownCharacters(script, RAISED);
    if (!own.isEmpty()) {
      return own;
    }
    var base = before.isEmpty() ? ' ' : before.charAt(before.length() - 1);
    var hasBase = Character.isLetterOrDigit(base) || ")]}|".indexOf(base) >= 0;
    return hasBase && isTerm(script) && !isEnding(script, base) ? "^" + inBrackets(script) : script;
  }

  private static boolean isEnding(String script, char base) {
    var numeral = Character.isDigit(base) || Character.isUpperCase(base);
    var letters = script.length() > 1 && script.chars().allMatch(Character::isLetter);
    return numeral && letters || ENDINGS.contains(script.toLowerCase(Locale.ROOT));
  }

  private static String lowered(String script) {
    var own = ownCharacters(script, LOWERED);
    if (!own.isEmpty()) {
      return own;
    }
    var isTerm = isTerm(script) && script.chars().anyMatch(c -> "+-−/=*".indexOf(c) >= 0);
    return isTerm ? "_" + inBrackets(script) : script;
  }

  private static String inBrackets(String script) {
    return script.length() == 1 ? script : "(" + script + ")";
  }

  private static boolean isTerm(String script) {
    return script.length() <= LONGEST
        && script.chars().anyMatch(Character::isLetterOrDigit)
        && script.chars().noneMatch(c -> c == '[' || c == ' ');
  }

  private static String ownCharacters(String script, String characters) {
    var out = new StringBuilder(script.length());
    for (var i = 0; i < script.length(); i++) {
      var at = PLAIN.indexOf(script.charAt(i));
      if (at < 0) {
        return "";
      }
      out.append(characters.charAt(at));
    }
    return out.toString();
  }
}
