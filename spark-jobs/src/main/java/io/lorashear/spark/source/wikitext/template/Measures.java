package io.lorashear.spark.source.wikitext.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Numbers with units, from the parameters of templates of many wikis. */
final class Measures {
  private static final Pattern INTEGER = Pattern.compile("[+−-]?\\d{1,3}");
  private static final int LONGEST_NUMBER = 40;
  private static final Pattern NUMBER =
      Pattern.compile("[+−–±~<>≈-]?[\\d.,   '’/+⁄eE×]*\\d[\\d.,]*");
  private static final Pattern POWER = Pattern.compile("(?<=\\p{L})([23])(?=$|[/·.*])");

  private static final Map<String, String> BETWEEN =
      Map.ofEntries(
          Map.entry("-", "–"),
          Map.entry("–", "–"),
          Map.entry("to", " to "),
          Map.entry("to(-)", " to "),
          Map.entry("to about", " to about "),
          Map.entry("til", " til "),
          Map.entry("and", " and "),
          Map.entry("and(-)", " and "),
          Map.entry("or", " or "),
          Map.entry("e", " e "),
          Map.entry("y", " y "),
          Map.entry("a", " a "),
          Map.entry("et", " et "),
          Map.entry("ou", " ou "),
          Map.entry("o", " o "),
          Map.entry("à", " à "),
          Map.entry("bis", " bis "),
          Map.entry("und", " und "),
          Map.entry("by", " by "),
          Map.entry("x", " × "),
          Map.entry("xx", " × "),
          Map.entry("×", " × "),
          Map.entry("*", " × "),
          Map.entry("+", " + "),
          Map.entry("/", "/"),
          Map.entry("+/-", " ± "),
          Map.entry("±", " ± "));

  private static final Map<String, String> UNITS =
      Map.ofEntries(
          Map.entry("c", "°C"),
          Map.entry("°c", "°C"),
          Map.entry("f", "°F"),
          Map.entry("c-change", "°C"),
          Map.entry("f-change", "°F"),
          Map.entry("°f", "°F"),
          Map.entry("sqmi", "sq mi"),
          Map.entry("sqft", "sq ft"),
          Map.entry("sqkm", "km²"),
          Map.entry("sqm", "m²"),
          Map.entry("cuft", "cu ft"),
          Map.entry("cumi", "cu mi"),
          Map.entry("cuin", "cu in"),
          Map.entry("kph", "km/h"),
          Map.entry("km/h", "km/h"),
          Map.entry("u.s. gal", "US gal"),
          Map.entry("usgal", "US gal"),
          Map.entry("impgal", "imp gal"));

  private static final Set<String> FINER =
      Set.of("in", "ft", "oz", "lb", "yd", "ch", "chain", "furlong");

  private Measures() {}

  /**
   * {@code convert|5|to|10|km|mi}: the first measure, as the page's author wrote it; its
   * conversions are left out.
   */
  static String convert(Call call) {
    var arguments = call.from(1);
    var out = new StringBuilder();
    var i = amount(arguments, 0, out);
    if (i < arguments.size() && i > 0) {
      out.append(' ').append(unit(arguments.get(i)));
      i++;
      while (i + 1 < arguments.size()
          && isNumber(arguments.get(i))
          && FINER.contains(arguments.get(i + 1))) {
        out.append(' ').append(arguments.get(i)).append(' ').append(arguments.get(i + 1));
        i += 2;
      }
    }
    return out.toString();
  }

  /** Appends a number or a range of numbers; returns the position after it. */
  private static int amount(List<String> arguments, int from, StringBuilder out) {
    var i = from;
    if (i < arguments.size()) {
      out.append(arguments.get(i++));
    }
    while (i + 1 < arguments.size()
        && BETWEEN.containsKey(arguments.get(i))
        && isNumber(arguments.get(i + 1))) {
      out.append(BETWEEN.get(arguments.get(i))).append(arguments.get(i + 1));
      i += 2;
    }
    return i;
  }

  private static boolean isNumber(String text) {
    return text.length() <= LONGEST_NUMBER && NUMBER.matcher(text).matches();
  }

  private static String unit(String unit) {
    var known = UNITS.get(unit.toLowerCase(java.util.Locale.ROOT));
    if (known != null) {
      return known;
    }
    return POWER.matcher(unit).replaceAll(raised("$1"));
  }

  /** {@code unité|30|km|2|s|-1}: a number, then units, each with its power if it has one. */
  static String unit(Call call) {
    var arguments = call.from(1);
    var out = new StringBuilder();
    var i = amount(arguments, 0, out);
    for (var word : List.of("à", "et", "ou", "-", "–", "±", "×", "x")) {
      out.append(call.has(word) ? BETWEEN.get(word) + call.named(word) : "");
    }
    out.append(power(call.named("e")));
    var before = " ";
    for (; i < arguments.size(); i++) {
      var argument = arguments.get(i);
      var isPower = INTEGER.matcher(argument).matches() && !before.equals(" ");
      out.append(
          isPower
              ? raised(argument)
              : argument.startsWith("/") ? argument : before + unit(argument));
      before = "·";
    }
    return out.toString();
  }

  /** {@code val|1.5|0.1|e=3|u=kg}: a number, its uncertainty, its power of ten and its unit. */
  static String value(Call call) {
    var arguments = new ArrayList<>(call.from(1));
    var out = new StringBuilder(call.named("p", "pre"));
    var i = amount(arguments, 0, out);
    if (arguments.size() - i == 1) {
      var uncertain = arguments.get(i);
      out.append(uncertain.startsWith("(") ? "" : "±").append(uncertain);
    } else if (arguments.size() - i >= 2) {
      out.append(" +").append(signless(arguments.get(i)));
      out.append(" −").append(signless(arguments.get(i + 1)));
    }
    out.append(call.named("end")).append(power(call.named("e"))).append(call.named("s", "suf"));
    var unit = call.named("u", "ul");
    var per = call.named("up", "upl");
    out.append(unit.isEmpty() ? "" : " " + unit(unit)).append(per.isEmpty() ? "" : "/" + unit(per));
    return out.toString();
  }

  private static String signless(String number) {
    return number.isEmpty() || "+-−".indexOf(number.charAt(0)) < 0 ? number : number.substring(1);
  }

  /** {@code M|4|k|B}: a number, the letter of its unit's prefix, and the unit. */
  static String prefixed(Call call) {
    var unit = call.at(2) + call.at(3);
    var named = call.named("ul", "u");
    var out = call.at(1) + power(call.named("e"));
    return out
        + (unit.isEmpty() && named.isEmpty() ? "" : " ")
        + (unit.isEmpty() ? unit(named) : unit(unit));
  }

  /** {@code frac|1|2}, {@code frac|3|1|2}, {@code frac|3}: a half, three and a half, a third. */
  static String fraction(Call call) {
    return switch (call.from(1).size()) {
      case 0 -> "/";
      case 1 -> "1/" + term(call.at(1));
      case 2 -> term(call.at(1)) + "/" + term(call.at(2));
      default -> call.at(1) + " " + term(call.at(2)) + "/" + term(call.at(3));
    };
  }

  private static String term(String text) {
    return text.contains(" ") ? "(" + text + ")" : text;
  }

  /** {@code e|24}: times ten to the power. */
  static String power(String exponent) {
    return exponent.isEmpty() ? "" : "×10" + raised(exponent);
  }

  /** {@code 10^|6}: only a power of ten. */
  static String powerOfTen(Call call) {
    return "10" + raised(call.at(1));
  }

  /** {@code exp|1,9|19}: a number times ten to a power. */
  static String scientific(Call call) {
    return call.count() < 2 ? power(call.at(1)) : call.at(1) + power(call.at(2));
  }

  private static String raised(String text) {
    return "<sup>" + text + "</sup>";
  }
}
