package io.lorashear.spark.source.wikitext.template;

import static java.util.Map.entry;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The rules named in the table of templates. */
final class Rules {
  private static final String TEXT = "text ";
  private static final String MONEY = "money before: ";
  private static final String[] QUOTED = {
    "text",
    "quote",
    "texte",
    "texto",
    "testo",
    "tekst",
    "текст",
    "цитата",
    "cita",
    "citation",
    "citat",
    "citaat",
    "citazione",
    "zitat",
    "content",
    "contenido",
    "1"
  };
  private static final String[] LABELS = {
    "lt", "texte", "text", "display", "displaytext", "label", "lbl", "d", "текст"
  };
  private static final Map<String, String> CURRENCIES =
      Map.of("USD", "US$", "GBP", "£", "EUR", "€", "JPY", "¥", "INR", "₹", "KRW", "₩");

  private static final Map<String, Function<Call, String>> RULES =
      Map.ofEntries(
          entry("nothing", call -> ""),
          entry("first", call -> call.at(1)),
          entry("second", call -> other(call.at(2), other(call.named(QUOTED), call.at(1)))),
          entry("last", call -> call.at(Math.max(1, call.count()))),
          entry("label", Rules::label),
          entry("label third", call -> other(call.at(4), other(call.at(3), call.at(2)))),
          entry("joined", call -> String.join("", call.from(1))),
          entry("with blanks", call -> String.join(" ", call.from(1))),
          entry("flag with name", call -> call.at(2).equals("nome") ? call.at(1) : ""),
          entry("own name", Call::rawName),
          entry("name and first", call -> join(" ", call.rawName(), call.at(1))),
          entry("formula", call -> Chemistry.typed(call.rawName())),
          entry("quote", Rules::quote),
          entry("quoted", call -> call.at(1).isEmpty() ? "" : "“" + call.at(1) + "”"),
          entry("convert", Measures::convert),
          entry("unit", Measures::unit),
          entry("metres", call -> call.at(1) + " m"),
          entry("fraction", Measures::fraction),
          entry("power", call -> call.count() == 0 ? call.rawName() : Measures.power(call.at(1))),
          entry("power of ten", Measures::powerOfTen),
          entry("scientific", Measures::scientific),
          entry("raised", call -> "<sup>" + call.at(1) + "</sup>"),
          entry("lowered", call -> "<sub>" + call.at(1) + "</sub>"),
          entry("raised and lowered", Rules::raisedAndLowered),
          entry("chem parts", Chemistry::parts),
          entry("chem typed", call -> Chemistry.typed(call.at(1))),
          entry("english and native", Rules::englishAndNative),
          entry(
              "native first", call -> with(other(call.at(3), call.at(2)), call.at(2), call.at(1))),
          entry(
              "reading", call -> call.at(1) + (call.at(2).isEmpty() ? "" : "（" + call.at(2) + "）")),
          entry("date", call -> String.join(" ", call.from(1))),
          entry("english date", Dates::english),
          entry("age", Dates::age),
          entry("first two", call -> join(" ", call.at(1), call.at(2))),
          entry("as of", Dates::asOf),
          entry("circa", Dates::circa),
          entry("of a century", Rules::ofACentury),
          entry(
              "hour", call -> join(" h ", call.at(1), call.at(2)) + (call.count() > 1 ? "" : " h")),
          entry("ship", call -> Ships.named(call, call.at(1), call.at(2), call.at(3), call.at(4))),
          entry("class of ships", Ships::ofClass),
          entry("sic", Rules::sic),
          entry("music", Rules::music),
          entry("money behind", call -> call.at(1) + " €"),
          entry("currency", Rules::currency),
          entry("fxconvert", call -> join(" ", call.at(1), call.at(2))),
          entry("range", call -> call.at(1) + "–" + call.at(2)),
          entry("birth and death", Rules::birthAndDeath),
          entry("italian biography", ItalianBiography::sentence));

  private Rules() {}

  /** The result of {@code rule} for the call; null if the rule does not apply. */
  static @Nullable String text(String rule, Call call, Sentence sentence) {
    if (rule.startsWith(TEXT)) {
      var text = rule.substring(TEXT.length() + 1, rule.length() - 1);
      return text.equals("…") && !sentence.isLine() ? "" : text;
    } else if (rule.startsWith(MONEY)) {
      return rule.substring(MONEY.length()) + call.at(1);
    }
    return switch (rule) {
      case "aside" -> sentence.inBrackets() ? "" : call.at(1);
      case "coordinates" -> sentence.isLine() && sentence.breaks() ? Coordinates.text(call) : "";
      case "own name of ship" -> Ships.ofPrefix(call);
      case "value" -> startsWithNumber(call.at(1)) ? Measures.value(call) : null;
      case "prefixed" -> startsWithNumber(call.at(1)) ? Measures.prefixed(call) : null;
      case "century" -> Dates.isRoman(call.at(1)) ? Dates.century(call) : null;
      case "doubted" -> sentence.isLine() && sentence.breaks() ? call.at(1) : "";
      default -> {
        var known = RULES.get(rule);
        if (known == null) {
          throw new IllegalStateException("templates.txt names a rule that is not there: " + rule);
        }
        yield known.apply(call);
      }
    };
  }

  private static boolean startsWithNumber(String text) {
    return text.chars().limit(3).anyMatch(Character::isDigit);
  }

  private static String other(String text, String instead) {
    return text.isEmpty() ? instead : text;
  }

  private static String join(String between, String left, String right) {
    return right.isEmpty() ? left : left + between + right;
  }

  /** The text of a link to an article in another wiki. */
  private static String label(Call call) {
    var label = call.named(LABELS);
    var russian = call.name().startsWith("н") || call.name().startsWith("iw");
    var second = russian ? call.at(2) : "";
    return other(label, other(second, other(call.at(1), call.named("fr", "es", "pt", "trad"))));
  }

  /** A quotation, as a separate paragraph. */
  private static String quote(Call call) {
    var lines = other(call.at(1), call.named(QUOTED));
    return lines.isEmpty() ? "" : "\n\n" + lines + "\n\n";
  }

  private static String englishAndNative(Call call) {
    var first = other(call.at(1), other(call.at(3), call.at(2)));
    var rest = call.at(1).isEmpty() && !call.at(3).isEmpty() ? "" : call.at(3);
    return with(first, call.at(2), rest);
  }

  private static String with(String first, String... others) {
    var inside =
        List.of(others).stream().filter(each -> !each.isEmpty() && !each.equals(first)).toList();
    return inside.isEmpty() ? first : first + " (" + String.join(", ", inside) + ")";
  }

  /** A century; the templates of Spanish, Catalan and Portuguese add the word for it on request. */
  private static String ofACentury(Call call) {
    var said = call.from(2).stream().map(each -> each.toLowerCase(Locale.ROOT)).toList();
    var word = call.name().equals("séc") || call.name().equals("segle") ? true : said.contains("s");
    var before = said.contains("a") ? " a. C." : said.contains("d") ? " d. C." : "";
    var name = call.name().equals("séc") ? "século" : call.name();
    return (word ? name + " " : "") + call.at(1) + before;
  }

  private static String sic(Call call) {
    var words = String.join("", call.from(1));
    if (call.has("hide") || call.has("expected")) {
      return words;
    }
    return words.isEmpty() ? "[sic]" : words + " [sic]";
  }

  private static String raisedAndLowered(Call call) {
    var raised = other(call.named("p", "sup"), call.at(1));
    var lowered = other(call.named("b", "sub"), call.at(2));
    return (raised.isEmpty() ? "" : "<sup>" + raised + "</sup>")
        + (lowered.isEmpty() ? "" : "<sub>" + lowered + "</sub>");
  }

  private static String music(Call call) {
    return switch (call.at(1).toLowerCase(Locale.ROOT)) {
      case "flat", "b" -> "♭";
      case "sharp", "#" -> "♯";
      case "natural", "n" -> "♮";
      default -> call.at(1);
    };
  }

  private static String currency(Call call) {
    var code = other(call.at(2), call.named("type"));
    var sign = CURRENCIES.get(code);
    return sign == null ? join(" ", call.at(1), code) : sign + call.at(1);
  }

  /** Chinese: year and day of birth, year and day of death. */
  private static String birthAndDeath(Call call) {
    var died = call.at(3) + call.at(4);
    return "（" + call.at(1) + call.at(2) + (died.isEmpty() ? "出生" : "－" + died) + "）";
  }
}
