package io.lorashear.spark.source.wikitext.template;

import java.util.regex.Pattern;

/** Chemical formulas. */
public final class Chemistry {
  private static final int LONGEST = 30;
  private static final Pattern CHARGE = Pattern.compile("\\d{0,2}[+−-]{1,3}");
  private static final Pattern FORMULA =
      Pattern.compile("(?=.*[A-Z]\\d|.*[A-Z][a-z]?[A-Z].*\\d)(?:[A-Z][a-z]?\\d{0,2}){1,12}[+−]?");

  private Chemistry() {}

  /** Whether a template with this name shows its name as a formula: {@code {{CO2}}}. */
  static boolean isFormula(String name) {
    return name.length() <= LONGEST && FORMULA.matcher(name).matches();
  }

  /** {@code chem|SO|4|2−}: elements with their counts, and a charge at the end. */
  static String parts(Call call) {
    var out = new StringBuilder();
    for (var i = 1; i <= call.count(); i++) {
      var part = call.at(i);
      if (CHARGE.matcher(part).matches() && i > 1) {
        out.append("<sup>").append(part).append("</sup>");
      } else if (i % 2 == 0 && !part.isEmpty()) {
        out.append("<sub>").append(part).append("</sub>");
      } else {
        out.append(part);
      }
    }
    return out.toString();
  }

  /**
   * {@code SO4(2-)} as typed, converted to wikitext with its numbers as subscripts and its charge
   * as a superscript.
   */
  public static String typed(String formula) {
    var out = new StringBuilder();
    var i = 0;
    while (i < formula.length()) {
      var charge = charge(formula, i);
      if (charge > i) {
        var inside = formula.substring(i, charge).replace("(", "").replace(")", "");
        out.append("<sup>").append(inside).append("</sup>");
        i = charge;
      } else if (Character.isDigit(formula.charAt(i)) && counts(formula, i)) {
        var end = i;
        while (end < formula.length() && Character.isDigit(formula.charAt(end))) {
          end++;
        }
        out.append("<sub>").append(formula, i, end).append("</sub>");
        i = end;
      } else {
        out.append(formula.charAt(i++));
      }
    }
    return out.toString().replace("->", "→").replace("*", "·");
  }

  private static boolean counts(String formula, int i) {
    var before = i == 0 ? ' ' : formula.charAt(i - 1);
    return Character.isLetter(before) || before == ')' || before == ']';
  }

  private static final Pattern IN_BRACKETS = Pattern.compile("\\(\\d{0,2}[+−-]\\)");

  /** The end of the charge at {@code i}; {@code i} if there is none. */
  private static int charge(String formula, int i) {
    var brackets = IN_BRACKETS.matcher(formula).region(i, formula.length());
    if (brackets.lookingAt()) {
      return brackets.end();
    }
    var sign = "+−-".indexOf(formula.charAt(i)) >= 0;
    var ends = i + 1 == formula.length() || formula.charAt(i + 1) == ' ';
    return sign && ends && i > 0 && formula.charAt(i - 1) != ' ' ? i + 1 : i;
  }
}
