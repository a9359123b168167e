package io.lorashear.spark.source.wikitext;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Prose of a page written in MediaWiki's mark-up. */
public final class Wikitext {
  private static final Pattern REDIRECT =
      Pattern.compile("\\s*#\\s*\\p{L}{3,30}\\s*:?\\s*\\[\\[[^\\]\\n]+\\]\\]");
  private static final Pattern TEMPLATE_NAME =
      Pattern.compile("\\{\\{\\s*([^|{}\\n]{2,60}?)\\s*(?:\\||\\}\\}|\\n)");
  private static final Set<String> OF_NAMES =
      Set.of(
          "dab",
          "hndis",
          "geodis",
          "disamb",
          "disambig",
          "disambiguation",
          "mil-unit-dis",
          "numberdis",
          "roaddis",
          "schooldis",
          "shipindex",
          "begriffsklärung",
          "homonymie",
          "disambigua",
          "desambiguación",
          "desambiguação",
          "doorverwijspagina",
          "пояснение",
          "неоднозначность",
          "многозначность");

  private Wikitext() {}

  /** Paragraphs and headings of {@code wikitext}, apart by a blank line. */
  public static String prose(String wikitext, Namespaces namespaces) {
    var inline = Inline.strip(withoutComments(wikitext), namespaces);
    return String.join("\n\n", Blocks.paragraphs(inline));
  }

  /** Whether the page only sends its reader on, in any language. */
  public static boolean isRedirect(String wikitext) {
    return REDIRECT.matcher(wikitext).lookingAt();
  }

  /** Whether the page lists the articles that share a name. */
  public static boolean isDisambiguation(String title, String wikitext) {
    if (title.toLowerCase(Locale.ROOT).endsWith("(disambiguation)")
        || wikitext.contains("__DISAMBIG__")) {
      return true;
    }
    return TEMPLATE_NAME
        .matcher(wikitext)
        .results()
        .map(match -> match.group(1).toLowerCase(Locale.ROOT).replace('_', ' '))
        .anyMatch(
            name ->
                OF_NAMES.contains(name)
                    || name.endsWith(" disambiguation")
                    || name.startsWith("disambig-")
                    || name.equals("disambiguation page"));
  }

  private static String withoutComments(String text) {
    var start = text.indexOf("<!--");
    if (start < 0) {
      return text;
    }
    var out = new StringBuilder(text.length());
    var from = 0;
    while (start >= 0) {
      out.append(text, from, start);
      var end = text.indexOf("-->", start);
      from = end < 0 ? text.length() : end + 3;
      start = text.indexOf("<!--", from);
    }
    return out.append(text, from, text.length()).toString();
  }
}
