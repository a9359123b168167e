package io.lorashear.sampleworld;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Paragraphs of an article in the mark-up of MediaWiki; taking the mark-up away gives the
 * paragraphs back.
 */
final class Wikitext {
  private static final double LINKED = 0.25;
  private static final double CITED = 0.12;

  private final World world;
  private final Composer composer;
  private final Random random;
  private final Pattern names;

  Wikitext(World world, Composer composer) {
    this.world = world;
    this.composer = composer;
    this.random = composer.random();
    this.names =
        Pattern.compile(
            "\\b(" + world.subjects().stream().collect(Collectors.joining("|")) + ")\\b");
  }

  String article(String title, List<String> paragraphs) {
    var subject = world.subjects().contains(title);
    var text = new StringBuilder("{{Short description|Part of the sample world}}\n");
    if (subject) {
      text.append(infobox(title)).append(image(title));
    }
    text.append(bold(title, marked(paragraphs.get(0)))).append("\n\n");
    for (var i = 1; i < paragraphs.size(); i++) {
      text.append("== ").append(composer.write("heading", "", "")).append(" ==\n");
      text.append(marked(paragraphs.get(i))).append("\n\n");
      if (i == 1) {
        text.append(table());
      }
    }
    return text.append(list()).append(ending(title)).toString();
  }

  private String infobox(String title) {
    var fields =
        world.about(title).stream()
            .map(
                fact ->
                    "| "
                        + fact.relation().name().toLowerCase(Locale.ROOT)
                        + " = "
                        + link(fact.value())
                        + "\n")
            .collect(Collectors.joining());
    return "{{Infobox "
        + world.kindOf(title).list
        + "\n| name = "
        + title
        + "\n"
        + fields
        + "| area = {{convert|"
        + (10 + random.nextInt(90))
        + "|km2|abbr=on}}\n}}\n";
  }

  private static String image(String title) {
    return "[[File:"
        + title
        + " in spring.jpg|thumb|right|220px|A view of [["
        + title
        + "]] in spring]]\n";
  }

  private static String bold(String title, String lead) {
    return lead.startsWith(title) ? "'''" + title + "'''" + lead.substring(title.length()) : lead;
  }

  /** The paragraph with some names linked and some sentences cited. */
  private String marked(String paragraph) {
    var linked =
        names
            .matcher(paragraph)
            .replaceAll(
                match ->
                    Matcher.quoteReplacement(
                        random.nextDouble() < LINKED ? link(match.group()) : match.group()));
    var sentences = linked.split("(?<=\\.) ", -1);
    for (var i = 0; i < sentences.length; i++) {
      sentences[i] += random.nextDouble() < CITED ? aside() : "";
    }
    return String.join(" ", sentences);
  }

  private String link(String name) {
    return switch (random.nextInt(3)) {
      case 0 -> "[[" + name + "]]";
      case 1 -> "[[" + Grammar.capitalised(name) + "|" + name + "]]";
      default -> "[[" + name + " (" + "river valleys" + ")|" + name + "]]";
    };
  }

  private String aside() {
    return switch (random.nextInt(4)) {
      case 0 -> "<ref name=\"guild\" />";
      case 1 ->
          "<ref>{{cite book |title=Register of the guilds |year="
              + composer.any(world.list("year"))
              + " |page="
              + random.nextInt(300)
              + "}}</ref>";
      case 2 -> "<!-- a source is wanted here -->";
      default -> "{{citation needed|date=" + composer.any(world.list("month")) + " 2025}}";
    };
  }

  private String table() {
    var rows =
        world.of(Kind.WARE).stream()
            .limit(4)
            .map(ware -> "|-\n| [[" + ware + "]] || align=\"right\" | " + price(ware) + "\n")
            .collect(Collectors.joining());
    return "{| class=\"wikitable sortable\"\n|+ Prices\n! Ware !! Coins a load\n" + rows + "|}\n\n";
  }

  private String price(String ware) {
    return world.value(ware, Relation.PRICE);
  }

  private String list() {
    return "== See also ==\n* [["
        + composer.any(world.subjects())
        + "]]\n* [["
        + composer.any(world.subjects())
        + "]]\n\n";
  }

  private static String ending(String title) {
    return "== References ==\n{{reflist|30em}}\n\n== External links ==\n* [http://example.org/"
        + title.replace(' ', '_')
        + " Website of the archive]\n\n"
        + "{{Authority control}}\n"
        + "[[Category:River valleys]]\n"
        + "[[Category:"
        + title
        + "| ]]\n";
  }
}
