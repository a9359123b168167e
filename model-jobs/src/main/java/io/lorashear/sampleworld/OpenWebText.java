package io.lorashear.sampleworld;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Web pages as OpenWebText ships them, an archive of archives, and a part of them as JSON lines.
 *
 * <pre>
 *   openwebtext/openwebtext.tar               openwebtext/urlsf_subset00-0_data.xz, a tar of
 *                                               0000005-&lt;md5&gt;.txt, one page a file
 *   openwebtext/openwebtext-more.jsonl.gz     {"text": "..."} a line
 * </pre>
 */
final class OpenWebText {
  private static final String TAR = "openwebtext/openwebtext.tar";
  private static final String LINES = "openwebtext/openwebtext-more.jsonl.gz";
  private static final int PAGES_A_SUBSET = 40;
  private static final int LINES_EVERY = 6;
  private static final int PARAGRAPHS = 5;

  private final Author author;
  private final List<MultipleChoice.Question> questions;
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  OpenWebText(World world, long seed, List<MultipleChoice.Question> questions) {
    this.author = new Author(world, seed, "openwebtext");
    this.questions = questions;
  }

  Corpus write(int documents) {
    var pages = new ArrayList<Item>();
    var lines = new ArrayList<Item>();
    for (var i = 0; i < documents; i++) {
      (i % LINES_EVERY == LINES_EVERY - 1 ? lines : pages).add(page(i));
    }
    var plants = new Plants(List.copyOf(pages), author.random("plants", 0));
    pages.addAll(planted(plants));
    lines.addAll(plants.duplicates(2));
    lines.addAll(malformed());
    Collections.shuffle(pages, author.random("order", 0));
    Collections.shuffle(lines, author.random("order", 1));
    writeArchive(pages);
    writeLines(lines);
    pages.addAll(lines);
    return new Corpus("openwebtext", files, pages);
  }

  private Item page(int index) {
    var composer = author.composer();
    var subject = author.subject(index);
    var paragraphs = composer.paragraphs(subject, PARAGRAPHS - 1 + composer.random().nextInt(3));
    paragraphs.add(composer.quiz());
    return Item.ordinary(subject, paragraphs);
  }

  private List<Item> planted(Plants plants) {
    var shorts = author.alternatives("short");
    var items = new ArrayList<Item>();
    items.addAll(plants.duplicates(4));
    items.add(plants.spacedDuplicate());
    items.addAll(plants.nearDuplicates());
    items.addAll(plants.nearDuplicates());
    items.add(plants.irregular(author.fresh(3), true));
    items.add(plants.irregular(author.fresh(4), true));
    items.add(plants.mojibake(author.fresh(3)));
    items.add(plants.wrongEncoding(author.fresh(3)));
    items.add(plants.shortParagraphs(author.fresh(3), shorts));
    items.add(plants.shortParagraphs(author.fresh(4), shorts));
    items.add(plants.onlyShortParagraphs(shorts));
    items.add(plants.noise());
    items.add(plants.empty());
    for (var question : author.leaks(questions, 4)) {
      items.add(plants.leak(author.fresh(3), question));
    }
    return items;
  }

  /** Lines that are no pages, stored as they are. */
  private List<Item> malformed() {
    return List.of(
        line(
            "invalid-json",
            "a line that ends in the middle of its text",
            "{\"text\": \"Here the line was cut"),
        line("invalid-json", "a line that is not JSON", "<html><body>404</body></html>"),
        line("not-an-object", "JSON, but a list", "[\"text\", \"of no page\"]"),
        line("no-text-field", "an object without text", "{\"url\": \"http://example.org/page\"}"),
        line("no-text-field", "a text that is a number", "{\"text\": 7}"),
        line("empty", "no text", "{\"text\": \"  \\n\\n \"}"));
  }

  private static Item line(String kind, String reason, String raw) {
    return new Item(RAW, List.of(raw), Plant.dropped(kind, "read", reason), StandardCharsets.UTF_8);
  }

  private static final String RAW = "";

  private void writeArchive(List<Item> pages) {
    var archives = new LinkedHashMap<String, byte[]>();
    for (var first = 0; first < pages.size(); first += PAGES_A_SUBSET) {
      var subset = pages.subList(first, Math.min(pages.size(), first + PAGES_A_SUBSET));
      var name =
          "openwebtext/urlsf_subset%02d-%d_data.xz"
              .formatted(archives.size() / 10, archives.size() % 10);
      var members = new LinkedHashMap<String, byte[]>();
      for (var i = 0; i < subset.size(); i++) {
        var bytes = subset.get(i).bytes();
        var member = "%07d-%s.txt".formatted(first + i, md5(bytes));
        members.put(member, bytes);
        subset.get(i).stands(TAR, name + "/" + member);
      }
      archives.put(name, Archives.xz(Archives.tar(members)));
    }
    files.put(TAR, Archives.tar(archives));
  }

  private void writeLines(List<Item> lines) {
    var out = new ByteArrayOutputStream();
    for (var i = 0; i < lines.size(); i++) {
      var item = lines.get(i);
      item.stands(LINES, String.valueOf(i + 1), out.size());
      var line =
          item.title.equals(RAW) ? item.text() : "{\"text\": \"" + quoted(item.text()) + "\"}";
      out.writeBytes((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
    files.put(LINES, Archives.gzip(out.toByteArray()));
  }

  private static String quoted(String text) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(text));
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
