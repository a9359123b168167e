package io.lorashear.spark.source.wikitext.template;

import java.util.ArrayList;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Names of ships, as composed by the English wiki's templates. */
final class Ships {
  private static final int PREFIX = 4;
  private static final int NAME = 2;
  private static final int NUMBER = 1;

  private Ships() {}

  /** {@code USS|Hornet|CV-12|6}: the template's name precedes the ship's name. */
  static @Nullable String ofPrefix(Call call) {
    var prefix = call.rawName();
    var isPrefix = prefix.equals(prefix.toUpperCase(Locale.ROOT)) || prefix.matches("[A-Z].*[A-Z]");
    return isPrefix ? named(call, prefix, call.at(1), call.at(2), call.at(3)) : null;
  }

  /**
   * Prefix, name and number or year.
   *
   * @param parts which of them, as the sum of 4, 2 and 1; all if empty
   */
  static String named(Call call, String prefix, String name, String number, String parts) {
    var shown = parts.matches("[1-7]") ? Integer.parseInt(parts) : PREFIX + NAME + NUMBER;
    if (shown == NUMBER) {
      return number;
    }
    var words = new ArrayList<String>();
    words.add((shown & PREFIX) > 0 ? prefix : "");
    words.add((shown & NAME) > 0 ? name : "");
    words.add((shown & NUMBER) > 0 && !number.isEmpty() ? "(" + number + ")" : "");
    words.removeIf(String::isEmpty);
    return String.join(" ", words);
  }

  /** {@code sclass|Nimitz|aircraft carrier|3}: the class, the kind of ship, or both. */
  static String ofClass(Call call) {
    var kind = call.at(2);
    return switch (call.at(3)) {
      case "1" -> call.at(1);
      case "2" -> call.at(1) + " class";
      case "4" -> call.at(1) + "-class";
      case "5" -> kind;
      default -> call.at(1) + "-class" + (kind.isEmpty() ? "" : " " + kind);
    };
  }
}
