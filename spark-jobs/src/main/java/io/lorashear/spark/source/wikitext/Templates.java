package io.lorashear.spark.source.wikitext;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a template leaves in the prose. Most are boxes, notes and references and leave nothing; the
 * few that set words of a sentence leave those words.
 */
final class Templates {
  private static final Map<String, String> CHARACTERS =
      Map.ofEntries(
          Map.entry("snd", " – "),
          Map.entry("spnd", " – "),
          Map.entry("spaced ndash", " – "),
          Map.entry("ndash", "–"),
          Map.entry("endash", "–"),
          Map.entry("mdash", "—"),
          Map.entry("emdash", "—"),
          Map.entry("'", "'"),
          Map.entry("'s", "'s"),
          Map.entry("nbsp", " "),
          Map.entry("sp", " "),
          Map.entry("shy", ""),
          Map.entry("!", "|"),
          Map.entry("=", "="),
          Map.entry("·", " · "));
  private static final Set<String> FIRST =
      Set.of(
          "abbr",
          "quote",
          "blockquote",
          "cquote",
          "quotation",
          "ill",
          "interlanguage link",
          "nowrap",
          "nobr",
          "small",
          "smaller",
          "big",
          "sc",
          "smallcaps",
          "nihongo",
          "ship",
          "angbr",
          "mvar",
          "math",
          "visible anchor",
          "vanchor",
          "sup",
          "sub",
          "em",
          "strong",
          "abbreviation",
          "as of");
  private static final Set<String> LAST = Set.of("lang", "transl", "color", "font color", "script");
  private static final Set<String> MEASURES = Set.of("convert", "cvt");
  private static final Set<String> ABOUT = Set.of("circa", "c.");

  private Templates() {}

  /**
   * The wikitext that stands for a template.
   *
   * @param arguments its name, then what stands between its bars
   */
  static String wikitext(List<String> arguments) {
    var name = arguments.get(0).strip().toLowerCase(Locale.ROOT).replace('_', ' ');
    var characters = CHARACTERS.get(name);
    if (characters != null) {
      return characters;
    } else if (FIRST.contains(name) || name.startsWith("lang-")) {
      return positional(arguments, 1);
    } else if (LAST.contains(name)) {
      return positional(arguments, Math.max(1, positionals(arguments)));
    } else if (MEASURES.contains(name)) {
      return positional(arguments, 1) + " " + positional(arguments, 2);
    }
    return ABOUT.contains(name) ? "c. " + positional(arguments, 1) : "";
  }

  private static int positionals(List<String> arguments) {
    return (int) arguments.stream().skip(1).filter(each -> !named(each)).count();
  }

  /** The n-th argument without a name, or the one named n. */
  private static String positional(List<String> arguments, int number) {
    var seen = 0;
    for (var argument : arguments.subList(1, arguments.size())) {
      if (argument.strip().startsWith(number + "=")) {
        return argument.substring(argument.indexOf('=') + 1).strip();
      } else if (!named(argument) && ++seen == number) {
        return argument.strip();
      }
    }
    return "";
  }

  private static boolean named(String argument) {
    var equals = argument.indexOf('=');
    return equals > 0
        && equals < 40
        && argument.substring(0, equals).strip().chars().allMatch(Templates::ofName);
  }

  private static boolean ofName(int c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == ' ';
  }
}
