package io.lorashear.spark.source.wikitext;

import java.io.Serializable;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Prefixes of links to files and categories in one wiki, in lower case, in addition to MediaWiki's
 * names for them in all languages: a wiki copies pages from others, and old pages have old names.
 *
 * @param language language of the wiki, as in {@code xml:lang}; empty if its dump does not give it
 */
public record Namespaces(Set<String> files, Set<String> categories, String language)
    implements Serializable {
  private static final Pattern NAMED =
      Pattern.compile("<namespace key=\"(-2|6|14)\"[^>]{0,200}>([^<]{1,100})</namespace>");
  private static final Pattern LANGUAGE =
      Pattern.compile("<mediawiki[^>]{0,1000}xml:lang=[\"']([A-Za-z-]{1,30})[\"']");
  private static final Set<String> FILES = Words.OF_MARK_UP.in("file");
  private static final Set<String> CATEGORIES = Words.OF_MARK_UP.in("category");

  /** Namespaces of a wiki that declares nothing. */
  public static final Namespaces ENGLISH = of("");

  /** The namespaces that {@code header}, the beginning of a dump, declares. */
  public static Namespaces of(String header) {
    var files = new TreeSet<String>();
    var categories = new TreeSet<String>();
    var matcher = NAMED.matcher(header);
    while (matcher.find()) {
      var names = matcher.group(1).equals("14") ? categories : files;
      names.add(Words.spelt(matcher.group(2)));
    }
    var language = LANGUAGE.matcher(header);
    return new Namespaces(
        files, categories, language.find() ? language.group(1).toLowerCase(Locale.ROOT) : "");
  }

  /** Whether a link to {@code prefix:…} shows a file, or puts the page into a category. */
  boolean ofFilesOrCategories(String prefix) {
    var name = Words.spelt(prefix);
    return FILES.contains(name)
        || CATEGORIES.contains(name)
        || files.contains(name)
        || categories.contains(name);
  }
}
