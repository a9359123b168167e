package io.lorashear.spark.source.wikitext;

import java.util.Map;
import java.util.Set;

/** How the tags of wikitext are treated: those of HTML and of MediaWiki's extensions. */
final class Tags {
  /** The kind of content of an extension's tag. */
  enum Content {
    /** No prose. */
    NOTHING,
    /** Text, even if it looks like mark-up. */
    TEXT,
    /** Text if it is in one line, otherwise a program. */
    LINE,
    /** TeX. */
    FORMULA,
    /** A chemical formula as typed. */
    SUBSTANCE,
    /** Wikitext. */
    WIKITEXT
  }

  private static final Set<String> NOTHING =
      Set.of(
          "ref",
          "references",
          "gallery",
          "timeline",
          "score",
          "imagemap",
          "hiero",
          "graph",
          "chart",
          "mapframe",
          "maplink",
          "templatestyles",
          "templatedata",
          "pre",
          "includeonly",
          "categorytree",
          "inputbox",
          "indicator",
          "charinsert",
          "quiz",
          "page-collection",
          "listing",
          "dynamicpagelist",
          "style",
          "script",
          "rss",
          "html",
          "video",
          "youtube",
          "embedvideo",
          "googlemaps",
          "display_map");

  private static final Map<String, Content> CONTENT =
      Map.of(
          "nowiki", Content.TEXT,
          "source", Content.LINE,
          "syntaxhighlight", Content.LINE,
          "code", Content.LINE,
          "math", Content.FORMULA,
          "chem", Content.SUBSTANCE,
          "ce", Content.SUBSTANCE);

  /** Tags that end a paragraph. */
  static final Set<String> BLOCKS =
      Set.of(
          "p",
          "div",
          "blockquote",
          "poem",
          "center",
          "ul",
          "ol",
          "dl",
          "li",
          "dt",
          "dd",
          "hr",
          "h1",
          "h2",
          "h3",
          "h4",
          "h5",
          "h6",
          "section",
          "article",
          "aside",
          "figure",
          "tabber");

  /** Tags that are removed, keeping their content. */
  private static final Set<String> PLAIN =
      Set.of(
          "a",
          "abbr",
          "b",
          "bdi",
          "bdo",
          "big",
          "br",
          "caption",
          "cite",
          "data",
          "del",
          "dfn",
          "em",
          "figcaption",
          "font",
          "i",
          "img",
          "ins",
          "kbd",
          "langconvert",
          "languages",
          "link",
          "mark",
          "meta",
          "noinclude",
          "onlyinclude",
          "phonos",
          "q",
          "rb",
          "rbc",
          "rp",
          "rt",
          "rtc",
          "ruby",
          "s",
          "samp",
          "small",
          "span",
          "strike",
          "strong",
          "sub",
          "sup",
          "table",
          "tbody",
          "td",
          "tfoot",
          "th",
          "thead",
          "time",
          "tr",
          "translate",
          "tt",
          "tvar",
          "u",
          "var",
          "wbr");

  private Tags() {}

  /** Whether a tag is left for {@link Html}. */
  static boolean isHtml(String name) {
    return PLAIN.contains(name) || BLOCKS.contains(name);
  }

  /** Whether a tag is one of a known extension, whose content is set aside. */
  static boolean isExtension(String name) {
    return NOTHING.contains(name) || CONTENT.containsKey(name);
  }

  /**
   * The kind of content between the tags of this name, which extends from {@code from} to {@code
   * to}.
   */
  static Content content(String name, String text, int from, int to) {
    if (NOTHING.contains(name)) {
      return Content.NOTHING;
    }
    var known = CONTENT.get(name);
    if (known == Content.LINE) {
      return isLine(text, from, to) ? Content.TEXT : Content.NOTHING;
    } else if (known == null) {
      return isSentence(text, from, to) ? Content.WIKITEXT : Content.NOTHING;
    }
    return known;
  }

  private static boolean isLine(String text, int from, int to) {
    var end = text.indexOf('\n', from);
    return end < 0 || end >= to;
  }

  /**
   * Whether the content of an unknown tag is text: it has words, unlike data, which has lines,
   * names and braces.
   */
  private static boolean isSentence(String text, int from, int to) {
    var letters = 0;
    for (var i = from; i < to; i++) {
      var c = text.charAt(i);
      if ("{}=;\n".indexOf(c) >= 0) {
        return false;
      }
      letters += Character.isLetter(c) ? 1 : 0;
    }
    return letters > 0;
  }
}
