package io.lorashear.sampleworld;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An encyclopedia as MediaWiki dumps it: XML of schema 0.11, packed as several bzip2 streams in one
 * file, the first with the site's description, then some pages a stream, the last with the end tag.
 */
final class Wikipedia {
  private static final String FILE =
      "wikipedia/samplewiki-20260101-pages-articles-multistream.xml.bz2";
  private static final int PAGES_A_STREAM = 25;
  private static final int FIRST_ID = 10;
  private static final int PARAGRAPHS = 4;
  private static final List<String> ASPECTS =
      List.of(
          "Economy of ",
          "History of ",
          "Culture of ",
          "Geography of ",
          "Administration of ",
          "Legacy of ");
  private static final List<String> SHORTS =
      List.of("This district is a stub.", "It is listed as a monument.", "The figure is disputed.");

  /** One page of the dump; {@code text} is wikitext, null for a page whose text was lost. */
  private record Page(
      Item item,
      String title,
      int namespace,
      @Nullable String redirect,
      String model,
      @Nullable String text) {}

  private final Author author;
  private final List<MultipleChoice.Question> questions;

  Wikipedia(World world, long seed, List<MultipleChoice.Question> questions) {
    this.author = new Author(world, seed, "wikipedia");
    this.questions = questions;
  }

  Corpus write(int documents) {
    var articles = new ArrayList<Item>();
    for (var i = 0; i < documents; i++) {
      articles.add(article(i));
    }
    articles.addAll(planted(new Plants(List.copyOf(articles), author.random("plants", 0))));
    var pages = new ArrayList<>(articles.stream().map(this::page).toList());
    pages.addAll(special());
    Collections.shuffle(pages, author.random("order", 0));
    var items = pages.stream().map(Page::item).toList();
    return new Corpus("wikipedia", Map.of(FILE, dump(pages)), items);
  }

  private Item article(int index) {
    var count = author.subjects().size();
    var subject = author.subject(index);
    var turn = index / count - 1;
    var aspect = turn < 0 ? "" : ASPECTS.get(turn % ASPECTS.size());
    var volume = turn < ASPECTS.size() ? "" : " (volume " + turn / ASPECTS.size() + ")";
    var composer = author.composer();
    return Item.ordinary(
        aspect + subject + volume,
        composer.paragraphs(subject, PARAGRAPHS + composer.random().nextInt(3)));
  }

  private List<Item> planted(Plants plants) {
    var items = new ArrayList<Item>();
    items.addAll(plants.duplicates(3));
    items.addAll(plants.nearDuplicates());
    items.add(plants.irregular(author.fresh(3), false));
    items.add(plants.mojibake(author.fresh(3)));
    items.add(plants.shortParagraphs(author.fresh(3), SHORTS));
    items.add(plants.onlyShortParagraphs(SHORTS));
    for (var question : author.leaks(questions, 2)) {
      items.add(plants.leak(author.fresh(3), question));
    }
    return items;
  }

  private Page page(Item item) {
    var text = new Wikitext(author.world(), author.composer()).article(item.title, item.paragraphs);
    return new Page(item, Grammar.capitalised(item.title), 0, null, "wikitext", text);
  }

  /** Pages that are no articles. */
  private List<Page> special() {
    var pages = new ArrayList<Page>();
    for (var i = 0; i < 6; i++) {
      var target = author.subject(i);
      var text = "#REDIRECT [[" + target + "]]\n\n{{R from alternative name}}";
      pages.add(
          new Page(
              none("redirect", "sends its reader to another page"),
              "Old " + target,
              0,
              target,
              "wikitext",
              text));
    }
    for (var i = 0; i < 3; i++) {
      var subject = author.subject(i);
      pages.add(
          plain(
              none("disambiguation", "lists the articles of a name"),
              subject + " (disambiguation)",
              0,
              disambiguation(subject)));
    }
    var prose = author.fresh(2);
    pages.add(
        plain(
            none("other-namespace", "a talk page"),
            "Talk:" + author.subject(0),
            1,
            prose.get(0) + " --[[User:Somebody]]"));
    pages.add(
        plain(
            none("other-namespace", "a template"),
            "Template:Valley",
            10,
            "<noinclude>" + prose.get(1) + "</noinclude>"));
    pages.add(
        plain(
            none("other-namespace", "a category"),
            "Category:River valleys",
            14,
            "Places and people of the river valleys."));
    pages.add(
        new Page(
            none("other-namespace", "a script"),
            "Module:Valley",
            828,
            null,
            "Scribunto",
            "return { rivers = 6 }"));
    pages.add(plain(none("no-text", "no text"), "Lost page", 0, null));
    pages.add(plain(none("no-text", "no text"), "Blank page", 0, "\n"));
    pages.add(
        plain(
            none("no-text", "nothing but mark-up"),
            "Only a table",
            0,
            "{| class=\"wikitable\"\n| a || b\n|}\n[[Category:River valleys]]"));
    return pages;
  }

  private static Page plain(Item item, String title, int namespace, @Nullable String text) {
    return new Page(item, title, namespace, null, "wikitext", text);
  }

  private static Item none(String kind, String reason) {
    return Item.planted(kind, List.of(), Plant.dropped(kind, "read", reason));
  }

  private static String disambiguation(String name) {
    return "'''"
        + name
        + "''' may refer to:\n* [["
        + name
        + "]]\n* [["
        + name
        + " (ship)]], a ship\n* [["
        + name
        + " (song)]], a song\n\n{{disambiguation}}\n";
  }

  private byte[] dump(List<Page> pages) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(stream(siteinfo()));
    for (var first = 0; first < pages.size(); first += PAGES_A_STREAM) {
      var xml = new StringBuilder();
      for (var i = first; i < Math.min(pages.size(), first + PAGES_A_STREAM); i++) {
        var id = FIRST_ID + i;
        pages.get(i).item().stands(FILE, String.valueOf(id));
        xml.append(xml(pages.get(i), id));
      }
      out.writeBytes(stream(xml.toString()));
    }
    out.writeBytes(stream("</mediawiki>\n"));
    return out.toByteArray();
  }

  private static byte[] stream(String xml) {
    return Archives.bzip2(xml.getBytes(StandardCharsets.UTF_8));
  }

  private static String xml(Page page, int id) {
    var text = page.text();
    var body =
        text == null
            ? "      <text bytes=\"0\" xml:space=\"preserve\" />\n"
            : "      <text bytes=\""
                + text.getBytes(StandardCharsets.UTF_8).length
                + "\" xml:space=\"preserve\">"
                + escaped(text)
                + "</text>\n";
    var redirect =
        page.redirect() == null
            ? ""
            : "    <redirect title=\"" + escaped(page.redirect()) + "\" />\n";
    return "  <page>\n    <title>"
        + escaped(page.title())
        + "</title>\n    <ns>"
        + page.namespace()
        + "</ns>\n    <id>"
        + id
        + "</id>\n"
        + redirect
        + "    <revision>\n      <id>"
        + (1000 + id)
        + "</id>\n"
        + "      <timestamp>2026-01-01T00:00:00Z</timestamp>\n"
        + "      <contributor>\n"
        + "        <username>Sample</username>\n"
        + "        <id>1</id>\n"
        + "      </contributor>\n"
        + "      <comment>[[WP:AES|→]] a first version</comment>\n"
        + "      <model>"
        + page.model()
        + "</model>\n      <format>"
        + (page.model().equals("wikitext") ? "text/x-wiki" : "text/plain")
        + "</format>\n"
        + body
        + "    </revision>\n  </page>\n";
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static String siteinfo() {
    var spaces = new LinkedHashMap<Integer, String>();
    var names =
        List.of(
            "Media",
            "Special",
            "",
            "Talk",
            "User",
            "User talk",
            "Wikipedia",
            "Wikipedia talk",
            "File",
            "File talk",
            "MediaWiki",
            "MediaWiki talk",
            "Template",
            "Template talk",
            "Help",
            "Help talk",
            "Category",
            "Category talk");
    for (var i = 0; i < names.size(); i++) {
      spaces.put(i - 2, names.get(i));
    }
    spaces.put(828, "Module");
    var xml =
        new StringBuilder(
            """
            <mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.mediawiki.org/xml/export-0.11/ http://www.mediawiki.org/xml/export-0.11.xsd" version="0.11" xml:lang="en">
              <siteinfo>
                <sitename>Sample world</sitename>
                <dbname>samplewiki</dbname>
                <base>http://example.org/wiki/Main_Page</base>
                <generator>MediaWiki 1.44.0</generator>
                <case>first-letter</case>
                <namespaces>
            """);
    spaces.forEach(
        (key, name) ->
            xml.append("      <namespace key=\"")
                .append(key)
                .append("\" case=\"first-letter\"")
                .append(name.isEmpty() ? " />\n" : ">" + name + "</namespace>\n"));
    return xml.append("    </namespaces>\n  </siteinfo>\n").toString();
  }
}
