package io.lorashear.spark.source.wikitext;

import java.io.Serializable;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What links to files and to categories begin with in one wiki, in lower case. Every wiki also
 * understands the English names.
 */
public record Namespaces(Set<String> files, Set<String> categories) implements Serializable {
  private static final Pattern NAMED =
      Pattern.compile("<namespace key=\"(-2|6|14)\"[^>]{0,200}>([^<]{1,100})</namespace>");

  /** Of a wiki in English. */
  public static final Namespaces ENGLISH = of("");

  /** Those that {@code header}, the beginning of a dump, declares. */
  public static Namespaces of(String header) {
    var files = new TreeSet<>(Set.of("file", "image", "media"));
    var categories = new TreeSet<>(Set.of("category"));
    var matcher = NAMED.matcher(header);
    while (matcher.find()) {
      var names = matcher.group(1).equals("14") ? categories : files;
      names.add(matcher.group(2).strip().toLowerCase(Locale.ROOT));
    }
    return new Namespaces(files, categories);
  }
}
