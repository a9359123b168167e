package io.lorashear.spark.source.wikitext.template;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The first sentence of a biography in the Italian wiki, which the template {@code {{Bio}}}
 * composes from its parameters: name, (place and day of birth – of death), what the person is or
 * was.
 */
final class ItalianBiography {
  private static final Pattern WITH_UNO =
      Pattern.compile("(?i)(?:\\[\\[)?(?:s[^aeiouàèéìòù']|z|gn|ps|pn|x|y).*");
  private static final Pattern VOWEL = Pattern.compile("(?i)(?:\\[\\[)?[aeiouàèéìòù].*");

  private final Call call;

  private ItalianBiography(Call call) {
    this.call = call;
  }

  /** The sentence; empty if there is no name. */
  static String sentence(Call call) {
    var name = joined(" ", call.named("titolo"), call.named("nome"), call.named("cognome"));
    return name.isEmpty() ? "" : "\n\n" + new ItalianBiography(call).sentence(name) + "\n\n";
  }

  private String sentence(String name) {
    var called = name + after(", ", "postcognomevirgola") + after(" ", "postcognome");
    var life = life();
    var is = call.named("fineincipit");
    var said = is.isEmpty() ? is() : is;
    var whole =
        called + (life.isEmpty() ? "" : " (" + life + ")") + (said.isEmpty() ? "" : " " + said);
    return whole.endsWith(".") ? whole : whole + ".";
  }

  private String after(String sign, String key) {
    var text = call.named(key);
    return text.isEmpty() ? "" : sign + text;
  }

  private String life() {
    var birth = place("luogonascita", "giornomesenascita", "annonascita");
    var death = place("luogomorte", "giornomesemorte", "annomorte");
    return joined(" – ", birth, death);
  }

  private String place(String place, String day, String year) {
    var when = joined(" ", call.named(day), call.named(year));
    return joined(", ", call.named(place), when);
  }

  private String is() {
    var occupations =
        Stream.of("attività", "attività2", "attività3")
            .map(call::named)
            .filter(each -> !each.isEmpty())
            .toList();
    if (occupations.isEmpty()) {
      return "";
    }
    var female = call.named("sesso").equalsIgnoreCase("F");
    var dead = call.has("annomorte") || call.has("giornomesemorte");
    var verb = dead ? female ? "è stata" : "è stato" : "è";
    return verb
        + " "
        + withArticle(occupations.get(0), female)
        + listed(occupations.subList(1, occupations.size()))
        + postscript("attivitàaltre")
        + after(" ", "nazionalità")
        + postscript("postnazionalità");
  }

  private String postscript(String key) {
    var more = call.named(key);
    return more.isEmpty() || ",;.".indexOf(more.charAt(0)) >= 0 ? more : " " + more;
  }

  private static String listed(List<String> others) {
    return switch (others.size()) {
      case 0 -> "";
      case 1 -> and(others.get(0));
      default -> ", " + others.get(0) + and(others.get(1));
    };
  }

  private static String and(String noun) {
    return (noun.startsWith("e") || noun.startsWith("[[e") ? " ed " : " e ") + noun;
  }

  private static String withArticle(String noun, boolean female) {
    if (female) {
      return VOWEL.matcher(noun).matches() ? "un'" + noun : "una " + noun;
    }
    return (WITH_UNO.matcher(noun).matches() ? "uno " : "un ") + noun;
  }

  private static String joined(String between, String... parts) {
    return Stream.of(parts).filter(part -> !part.isEmpty()).collect(Collectors.joining(between));
  }
}
