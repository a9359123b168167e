package io.lorashear.spark.source.wikitext;

import java.util.Set;

/** What becomes of the HTML-like tags of wikitext. */
final class Tags {
  /** Tags whose content is no prose. */
  static final Set<String> DROPPED =
      Set.of(
          "ref",
          "references",
          "math",
          "chem",
          "ce",
          "gallery",
          "timeline",
          "source",
          "syntaxhighlight",
          "score",
          "imagemap",
          "hiero",
          "graph",
          "mapframe",
          "maplink",
          "table",
          "templatestyles",
          "pre",
          "code",
          "includeonly",
          "categorytree",
          "inputbox",
          "section",
          "indicator",
          "style",
          "script");

  /** Tags that end a paragraph. */
  static final Set<String> BLOCKS =
      Set.of("p", "div", "blockquote", "poem", "center", "ul", "ol", "dl", "hr", "h2", "h3", "h4");

  /** Tags whose mark-up goes and whose content stays. */
  static final Set<String> PLAIN =
      Set.of(
          "b",
          "i",
          "u",
          "s",
          "em",
          "strong",
          "small",
          "big",
          "sup",
          "sub",
          "span",
          "font",
          "tt",
          "br",
          "li",
          "dt",
          "dd",
          "cite",
          "abbr",
          "q",
          "del",
          "ins",
          "strike",
          "var",
          "kbd",
          "samp",
          "noinclude",
          "onlyinclude",
          "nowiki",
          "bdi",
          "bdo",
          "ruby",
          "rb",
          "rp",
          "rt",
          "wbr",
          "time",
          "mark",
          "dfn",
          "caption",
          "tr",
          "td",
          "th",
          "tbody",
          "thead",
          "a",
          "img");

  private Tags() {}

  static boolean known(String name) {
    return DROPPED.contains(name) || BLOCKS.contains(name) || PLAIN.contains(name);
  }
}
