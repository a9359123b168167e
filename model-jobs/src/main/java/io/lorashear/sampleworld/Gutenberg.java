package io.lorashear.sampleworld;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;

/** Old novels as e-texts, one file a book, in the layouts and encodings of three decades. */
final class Gutenberg {
  private static final int FIRST_NUMBER = 90_001;

  /** What ordinary books look like; the other layouts are planted. */
  private static final List<Etext> LAYOUTS =
      List.of(Etext.MODERN, Etext.PLAIN, Etext.LATIN, Etext.ASCII, Etext.COMMA, Etext.SMALL_PRINT);

  private static final int PARAGRAPHS = 34;
  private static final int SUBJECTS_A_BOOK = 5;

  private final Author author;
  private final List<MultipleChoice.Question> questions;

  private record Book(Item item, Etext layout) {}

  Gutenberg(World world, long seed, List<MultipleChoice.Question> questions) {
    this.author = new Author(world, seed, "gutenberg");
    this.questions = questions;
  }

  Corpus write(int documents) {
    var books = new ArrayList<Book>();
    for (var i = 0; i < Math.max(LAYOUTS.size(), documents); i++) {
      books.add(new Book(book(i), LAYOUTS.get(i % LAYOUTS.size())));
    }
    books.addAll(planted(books.stream().map(Book::item).toList()));
    Collections.shuffle(books, author.random("order", 0));
    var files = new LinkedHashMap<String, byte[]>();
    for (var i = 0; i < books.size(); i++) {
      var book = books.get(i);
      var number = FIRST_NUMBER + i;
      var file = "gutenberg/" + book.layout().fileName(number);
      book.item().stands(file, "");
      files.put(file, book.layout().write(number, book.item(), author.random("header", i)));
    }
    return new Corpus("gutenberg", files, books.stream().map(Book::item).toList());
  }

  private Item book(int index) {
    var composer = author.composer();
    var paragraphs = new ArrayList<String>();
    for (var i = 0; i < SUBJECTS_A_BOOK; i++) {
      var subject = author.subject(index * SUBJECTS_A_BOOK + i);
      paragraphs.addAll(
          composer.paragraphs(
              subject, PARAGRAPHS / SUBJECTS_A_BOOK + composer.random().nextInt(2)));
    }
    return Item.ordinary(title(composer), paragraphs);
  }

  private String title(Composer composer) {
    return composer.write("title.first", "", "") + " " + composer.any(author.world().of(Kind.TOWN));
  }

  private List<Book> planted(List<Item> ordinary) {
    var original = ordinary.get(LAYOUTS.indexOf(Etext.MODERN));
    var books = new ArrayList<Book>();
    var plants = new Plants(ordinary, author.random("plants", 0));
    books.add(new Book(edition(original, 0.9), Etext.LATIN));
    books.add(new Book(edition(ordinary.get(LAYOUTS.indexOf(Etext.LATIN)), 0.75), Etext.PLAIN));
    books.add(new Book(reprint(ordinary.get(LAYOUTS.indexOf(Etext.PLAIN))), Etext.LATIN));
    books.add(
        new Book(
            encoded(Etext.SMALL_PRINT, "kept: the bytes are ISO-8859-1, though nothing says so"),
            Etext.SMALL_PRINT));
    books.add(
        new Book(
            encoded(Etext.MISDECLARED, "kept: declared ISO-8859-1, the bytes are UTF-8"),
            Etext.MISDECLARED));
    books.add(new Book(plants.irregular(author.fresh(PARAGRAPHS / 2), true), Etext.PLAIN));
    books.add(
        new Book(
            plants.leak(author.fresh(PARAGRAPHS / 2), author.leaks(questions, 1).get(0)),
            Etext.MODERN));
    books.add(new Book(headless(), Etext.BARE));
    books.add(
        new Book(
            Item.planted(
                "Nothing",
                List.of(),
                Plant.dropped("empty", "read", "header and licence with no text between them")),
            Etext.MODERN));
    return books;
  }

  private Item edition(Item original, double likeness) {
    var paragraphs =
        Rewording.of(
            original.paragraphs, likeness, author.random("edition", (int) (100 * likeness)));
    var jaccard = Shingles.jaccard(original.text(), String.join("\n\n", paragraphs));
    return Item.planted(
        original.title,
        paragraphs,
        Plant.merged(
            "near-duplicate",
            "another edition: merged where the threshold is at most the likeness given",
            original,
            jaccard));
  }

  private static Item reprint(Item original) {
    return Item.planted(
        original.title,
        original.paragraphs,
        Plant.merged(
            "near-duplicate",
            "the same book in another encoding and with straight quotation marks",
            original,
            1));
  }

  private Item encoded(Etext layout, String reason) {
    var book = author.fresh(PARAGRAPHS / 2);
    var accented = "The naïve façade of the café pleased the crème of the château. " + book.get(0);
    book.set(0, accented);
    return Item.planted(
        "Encoding",
        book,
        Plant.kept("wrong-encoding", "read", reason).expecting(layout.written(accented)));
  }

  private Item headless() {
    var book = author.fresh(PARAGRAPHS / 2);
    return new Item(
        "No header",
        book,
        Plant.kept("no-header", "read", "header and licence were cut off by somebody")
            .expecting(book.get(0)),
        StandardCharsets.UTF_8);
  }
}
