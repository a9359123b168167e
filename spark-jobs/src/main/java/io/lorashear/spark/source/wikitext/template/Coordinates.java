package io.lorashear.spark.source.wikitext.template;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A place on the globe: {@code coord|52|30|N|13|22|E} is 52°30′N 13°22′E. */
final class Coordinates {
  private static final Pattern NUMBER = Pattern.compile("[+-]?\\d{1,3}(?:[.,]\\d{1,12})?");
  private static final Pattern DIRECTION = Pattern.compile("[NSEWO]");
  private static final List<String> SIGNS = List.of("°", "′", "″");

  private Coordinates() {}

  /** The text of the coordinates; empty if they are only shown next to the title. */
  static String text(Call call) {
    var display = call.named("display", "vis", "format");
    if (display.equals("title") || display.equals("tittel")) {
      return "";
    }
    var parts = call.has("ns") ? split(call.named("ns") + "/" + call.named("ew")) : call.from(1);
    var decimal = decimal(parts);
    return decimal.isEmpty() ? directed(parts) : decimal;
  }

  private static List<String> split(String written) {
    return List.of(written.split("/", -1));
  }

  private static String directed(List<String> parts) {
    var places = new ArrayList<String>();
    var place = new StringBuilder();
    var number = 0;
    for (var part : parts) {
      if (NUMBER.matcher(part).matches() && number < SIGNS.size()) {
        place.append(part).append(SIGNS.get(number++));
      } else if (DIRECTION.matcher(part).matches() && number > 0) {
        places.add(place.append(part).toString());
        place.setLength(0);
        number = 0;
      }
    }
    return String.join(" ", places.subList(0, Math.min(2, places.size())));
  }

  private static String decimal(List<String> parts) {
    var numbers = parts.stream().takeWhile(part -> NUMBER.matcher(part).matches()).toList();
    if (numbers.size() != 2 || parts.stream().anyMatch(part -> DIRECTION.matcher(part).matches())) {
      return "";
    }
    return degrees(numbers.get(0), "N", "S") + " " + degrees(numbers.get(1), "E", "W");
  }

  private static String degrees(String number, String positive, String negative) {
    var unsigned = number.startsWith("+") || number.startsWith("-") ? number.substring(1) : number;
    return unsigned + "°" + (number.startsWith("-") ? negative : positive);
  }
}
