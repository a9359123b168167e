package io.lorashear.spark.source.wikitext;

import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The state of a page while it is read: the context of its mark-up, and the unknown templates
 * found.
 */
final class Page {
  /** Number of characters of a call that are kept as an example. */
  static final int EXAMPLE = 120;

  private final String title;
  private final Namespaces namespaces;
  private final String wikitext;
  private final boolean hasVariants;
  private final SortedMap<String, Prose.Unknown> unknown = new TreeMap<>();
  private @Nullable Variants variants;

  Page(String title, String wikitext, Namespaces namespaces) {
    this.title = title;
    this.namespaces = namespaces;
    this.wikitext = wikitext;
    hasVariants = wikitext.contains("-{") && Variants.has(namespaces.language(), wikitext);
  }

  String title() {
    return title;
  }

  String language() {
    return namespaces.language();
  }

  Namespaces namespaces() {
    return namespaces;
  }

  boolean hasVariants() {
    return hasVariants;
  }

  Variants variants() {
    if (variants == null) {
      variants = Variants.of(wikitext);
    }
    return variants;
  }

  /** Counts a call of an unknown template. */
  void unknown(String name, String call) {
    unknown.merge(
        Words.spelt(name), new Prose.Unknown(1, call), (one, more) -> one.plus(more.times()));
  }

  SortedMap<String, Prose.Unknown> unknown() {
    return unknown;
  }
}
