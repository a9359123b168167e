package io.lorashear.sampleworld;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Novels of today as BookCorpus ships them: all books run together, one sentence a line, in lower
 * case, punctuation split off, {@code ``} and {@code ''} for quotation marks.
 */
final class BookCorpus {
  private static final int PARTS = 2;
  private static final int PARAGRAPHS_A_BOOK = 40;

  private final Author author;
  private final List<MultipleChoice.Question> questions;

  BookCorpus(World world, long seed, List<MultipleChoice.Question> questions) {
    this.author = new Author(world, seed, "bookcorpus");
    this.questions = questions;
  }

  Corpus write(int books) {
    var parts = new ArrayList<List<Item>>();
    for (var part = 0; part < PARTS; part++) {
      parts.add(new ArrayList<>());
    }
    for (var i = 0; i < Math.max(PARTS, books); i++) {
      parts.get(i % PARTS).addAll(book(i));
    }
    plant(parts.get(0));
    var files = new LinkedHashMap<String, byte[]>();
    for (var part = 0; part < PARTS; part++) {
      var file = "bookcorpus/books_large_p" + (part + 1) + ".txt.gz";
      files.put(file, Archives.gzip(lines(file, parts.get(part))));
    }
    return new Corpus(
        "bookcorpus", Map.copyOf(files), parts.stream().flatMap(List::stream).toList());
  }

  private List<Item> book(int index) {
    var composer = author.composer();
    var lines = new ArrayList<Item>();
    for (var i = 0; i < PARAGRAPHS_A_BOOK; i++) {
      var subject = author.subject(index * PARAGRAPHS_A_BOOK + i);
      for (var sentence : composer.sentences(subject)) {
        lines.add(Item.ordinary("", List.of(split(sentence))));
      }
    }
    return lines;
  }

  /** Odd lines among the others, never at the ends. */
  private void plant(List<Item> lines) {
    var random = author.random("plants", 0);
    var question = author.leaks(questions, 1).get(0);
    var asked = split(question.text()) + " " + split(String.join(", ", question.choices()) + ".");
    var odd = List.of("\u0001", "\u200b", "\ue000");
    var planted =
        List.of(
            Item.planted(
                "",
                List.of("she smi\u0001led at\u200b me and\ue000 waited ."),
                Plant.kept(
                        "irregular-characters",
                        "clean",
                        "kept without its control, zero-width and private-use characters")
                    .removing(odd)
                    .expecting("she smiled at me and waited .")),
            Item.planted("", List.of(""), Plant.dropped("empty", "read", "an empty line")),
            Item.planted("", List.of("   "), Plant.dropped("empty", "read", "a line of blanks")),
            new Item(
                "",
                List.of("the café was naïve ."),
                Plant.dropped(
                    "wrong-encoding",
                    "read",
                    "the bytes are Windows-1252 where the format is UTF-8"),
                Charset.forName("windows-1252")),
            Item.planted(
                "",
                List.of(asked),
                Plant.dropped(
                        "benchmark-leak",
                        "decontaminate",
                        "holds the text of a multiple-choice question")
                    .removing(List.of(split(question.text())))
                    .asking(question.id())));
    for (var item : planted) {
      lines.add(1 + random.nextInt(lines.size() - 1), item);
    }
  }

  /** A sentence as BookCorpus spells it. */
  static String split(String sentence) {
    return sentence
        .toLowerCase(Locale.ROOT)
        .replace("“", "`` ")
        .replace("”", " ''")
        .replace('’', '\'')
        .replaceAll("([,.?!;:])", " $1")
        .replaceAll("n't\\b", " n't")
        .replaceAll("(?<=\\p{L})'(s|m|re|ve|ll|d)\\b", " '$1")
        .replaceAll(" +", " ")
        .strip();
  }

  private static byte[] lines(String file, List<Item> lines) {
    var out = new ByteArrayOutputStream();
    for (var i = 0; i < lines.size(); i++) {
      lines.get(i).stands(file, String.valueOf(i + 1), out.size());
      out.writeBytes(lines.get(i).bytes());
      out.write('\n');
    }
    return out.toByteArray();
  }
}
