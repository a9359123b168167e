package io.lorashear.spark.source.wikitext;

import java.util.Set;
import java.util.regex.Pattern;

/** Extracts the prose of a page in MediaWiki's mark-up, which is processed in MediaWiki's order. */
public final class Wikitext {
  private static final Pattern REDIRECT =
      Pattern.compile("\\s*#\\s*\\p{L}{3,30}\\s*:?\\s*\\[\\[[^\\]\\n]+\\]\\]");
  private static final Pattern TEMPLATE_NAME =
      Pattern.compile("\\{\\{\\s*([^|{}\\n]{2,60}?)\\s*(?:\\||\\}\\}|\\n)");
  private static final Pattern IN_BRACKETS = Pattern.compile("[(（]([^()（）]{3,40})[)）]$");
  private static final Set<String> OF_NAMES = Words.OF_MARK_UP.in("disambiguation");

  private Wikitext() {}

  /** Paragraphs and headings of {@code wikitext}, separated by blank lines. */
  public static Prose prose(String title, String wikitext, Namespaces namespaces) {
    var own = Marks.none(wikitext);
    var page = new Page(title, own, namespaces);
    var expanded = Transclusions.expanded(Verbatim.without(own), page);
    var plain = Switches.without(Tables.without(Html.without(expanded)));
    var text = Links.without(Apostrophes.without(plain), namespaces);
    return new Prose(String.join("\n\n", Blocks.paragraphs(text)), page.unknown());
  }

  /** Whether the page is a redirect, in any language. */
  public static boolean isRedirect(String wikitext) {
    return REDIRECT.matcher(wikitext).lookingAt();
  }

  /**
   * Whether the page lists the articles that share a name, in any language.
   *
   * @param language language of the wiki, or empty
   */
  public static boolean isDisambiguation(String title, String wikitext, String language) {
    var brackets = IN_BRACKETS.matcher(title.strip());
    if (brackets.find() && isOfNames(Words.spelt(brackets.group(1)), language)
        || Switches.ofDisambiguation(wikitext)) {
      return true;
    }
    return TEMPLATE_NAME
        .matcher(wikitext)
        .results()
        .anyMatch(match -> isOfNames(Words.spelt(match.group(1)), language));
  }

  private static boolean isOfNames(String name, String language) {
    return OF_NAMES.contains(name)
        || OF_NAMES.contains(language + ":" + name)
        || name.endsWith(" disambiguation")
        || name.startsWith("disambig-");
  }
}
