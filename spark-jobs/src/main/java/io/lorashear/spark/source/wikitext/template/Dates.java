package io.lorashear.spark.source.wikitext.template;

import java.util.List;
import java.util.regex.Pattern;

/** Days, years and centuries. */
final class Dates {
  private static final List<String> MONTHS =
      List.of(
          "January",
          "February",
          "March",
          "April",
          "May",
          "June",
          "July",
          "August",
          "September",
          "October",
          "November",
          "December");
  private static final Pattern MONTH = Pattern.compile("0?[1-9]|1[0-2]");
  private static final Pattern YEAR = Pattern.compile("\\d{3,4}");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,4}");
  private static final Pattern ROMAN = Pattern.compile("[IVXLC]{1,8}");
  private static final Pattern ORDINAL =
      Pattern.compile(
          "(?:\\d{1,4}|[IVXLCM]{1,8})(?:er|re|ère|e|ème|nd|nde|o|a|vet|añ)?( siècle|"
              + " arrondissement)?");

  private Dates() {}

  /**
   * {@code birth date|1990|5|12}: in English, whose templates have numbers beginning with the year.
   */
  static String english(Call call) {
    if (!YEAR.matcher(call.at(1)).matches()) {
      return call.at(1);
    }
    var month = month(call.at(2));
    var day = call.at(3);
    var dayFirst = call.has("df") || day.isEmpty();
    if (dayFirst) {
      return String.join(" ", nonEmpty(day, month, call.at(1)));
    }
    return month + " " + day + ", " + call.at(1);
  }

  private static String month(String number) {
    return MONTH.matcher(number).matches() ? MONTHS.get(Integer.parseInt(number) - 1) : number;
  }

  private static List<String> nonEmpty(String... parts) {
    return List.of(parts).stream().filter(part -> !part.isEmpty()).toList();
  }

  /**
   * {@code age|1969|7|20|2001|9|1}: whole years between two days; unknown if the second day is
   * missing, which means today.
   */
  static String age(Call call) {
    var numbers = call.from(1).stream().filter(each -> NUMBER.matcher(each).matches()).toList();
    if (numbers.size() < 6) {
      return "";
    }
    var n = numbers.stream().map(Integer::valueOf).toList();
    var before = n.get(4) < n.get(1) || n.get(4).equals(n.get(1)) && n.get(5) < n.get(2);
    return String.valueOf(n.get(3) - n.get(0) - (before ? 1 : 0));
  }

  /** {@code as of|2012|6}. */
  static String asOf(Call call) {
    var alternative = call.named("alt");
    if (!alternative.isEmpty()) {
      return alternative;
    }
    var word = call.has("since") ? "Since" : "As of";
    var date = String.join(" ", nonEmpty(call.at(3), month(call.at(2)), call.at(1)));
    return (call.has("lc") ? word.toLowerCase(java.util.Locale.ROOT) : word) + " " + date;
  }

  /** {@code circa|1800|1810}. */
  static String circa(Call call) {
    return String.join(" – ", call.from(1).stream().limit(2).map(year -> "c. " + year).toList());
  }

  /** {@code s-|XIX|e}, {@code sp-|XIX|e|au|XX|e}: French centuries. */
  static String century(Call call) {
    var out = new StringBuilder();
    for (var part : call.from(1)) {
      var ending = part.equals("e") || part.equals("er") || part.equals("re");
      out.append(ending || out.isEmpty() ? "" : " ").append(part);
    }
    var several = call.name().startsWith("s2") || call.name().startsWith("sp");
    var roman = isRoman(out.toString()) ? out + "e" : out.toString();
    var before = call.name().startsWith("-") ? " av. J.-C." : "";
    return roman + (several ? " siècles" : " siècle") + before;
  }

  static boolean isRoman(String text) {
    return ROMAN.matcher(text).matches();
  }

  /** Whether a template shows its name, a numeral: {@code {{XIXe siècle}}}, {@code {{1er}}}. */
  static boolean isNumeral(String name) {
    return ORDINAL.matcher(name).matches() && name.length() > 1;
  }
}
