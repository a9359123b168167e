package io.lorashear.sampleworld;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Layouts that Project Gutenberg's files have had: header, start and end marks, encoding and line
 * ends.
 */
enum Etext {
  MODERN(
      "pg%d.txt",
      StandardCharsets.UTF_8, "", "*** START OF THE PROJECT GUTENBERG EBOOK %s ***", "\r\n"),
  PLAIN(
      "%d-0.txt",
      StandardCharsets.UTF_8, "UTF-8", "*** START OF THIS PROJECT GUTENBERG EBOOK %s ***", "\n"),
  LATIN(
      "%d-8.txt",
      StandardCharsets.ISO_8859_1,
      "ISO-8859-1",
      "*** START OF THIS PROJECT GUTENBERG EBOOK %s ***",
      "\r\n"),
  ASCII(
      "%d.txt",
      StandardCharsets.US_ASCII,
      "ISO-646-US (US-ASCII)",
      "***START OF THE PROJECT GUTENBERG EBOOK %s***",
      "\r\n"),
  COMMA(
      "%d.txt",
      StandardCharsets.US_ASCII,
      "ASCII",
      "*** START OF THE PROJECT GUTENBERG EBOOK, %s ***",
      "\r\n"),
  SMALL_PRINT(
      "smple%d.txt",
      StandardCharsets.ISO_8859_1,
      "",
      "*END THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.12.12.00*END*",
      "\r\n"),
  MISDECLARED(
      "%d-8.txt",
      StandardCharsets.UTF_8,
      "ISO-8859-1",
      "*** START OF THIS PROJECT GUTENBERG EBOOK %s ***",
      "\r\n"),
  BARE("pg%d-no-header.txt", StandardCharsets.UTF_8, "", "", "\n");

  private static final int WIDTH = 72;
  private static final int PARAGRAPHS_A_CHAPTER = 7;
  private static final List<String> NUMERALS =
      List.of("I", "II", "III", "IV", "V", "VI", "VII", "VIII");

  private final String fileName;
  private final Charset charset;
  private final String declared;
  private final String start;
  private final String lineEnd;

  Etext(String fileName, Charset charset, String declared, String start, String lineEnd) {
    this.fileName = fileName;
    this.charset = charset;
    this.declared = declared;
    this.start = start;
    this.lineEnd = lineEnd;
  }

  String fileName(int number) {
    return fileName.formatted(number);
  }

  byte[] write(int number, Item book, Random random) {
    var author =
        pick(List.of("Ada", "Josiah", "Clementine", "Ezra"), random)
            + " "
            + pick(Grammar.read("gutenberg").rules("surname"), random);
    var text =
        header(number, book.title, author)
            + body(book, author)
            + footer(number, book.title, author);
    var mark = this == MODERN ? "\ufeff" : "";
    return (mark + written(text)).replace("\n", lineEnd).getBytes(charset);
  }

  private static String pick(List<String> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }

  /** The text in characters the encoding has. */
  String written(String text) {
    if (charset.equals(StandardCharsets.UTF_8)) {
      return text;
    }
    var straight = text.replaceAll("[“”]", "\"").replace('’', '\'');
    return charset.equals(StandardCharsets.US_ASCII)
        ? Normalizer.normalize(straight, Normalizer.Form.NFD).replaceAll("\\p{M}", "")
        : straight;
  }

  private String header(int number, String title, String author) {
    return switch (this) {
      case BARE -> "";
      case SMALL_PRINT -> smallPrint(title, author);
      default ->
          "The Project Gutenberg eBook of "
              + title
              + ", by "
              + author
              + "\n\n"
              + "This eBook is part of a sample: an invented text in the layout of Project\n"
              + "Gutenberg's files. You may copy it, give it away or re-use it under the\n"
              + "terms of the licence included with this eBook.\n\n\n"
              + "Title: "
              + title
              + "\n\nAuthor: "
              + author
              + "\n\nRelease Date: January 1, 2026 [EBook #"
              + number
              + "]\n\nLanguage: English\n\n"
              + (declared.isEmpty() ? "" : "Character set encoding: " + declared + "\n\n")
              + mark(start, title)
              + "\n\n\n\n\nProduced by the Sample World Proofreading Team\n\n\n\n\n";
    };
  }

  private static String mark(String pattern, String title) {
    return pattern.formatted(title.toUpperCase(Locale.ROOT));
  }

  private String smallPrint(String title, String author) {
    return "Project Gutenberg Etext of "
        + title
        + ", by "
        + author
        + "\n\n"
        + "Copyright laws are changing all over the world, be sure to check\n"
        + "the laws for your country before redistributing these files!!!\n\n"
        + "Please do not remove this header: it tells readers what they may do\n"
        + "with the etext.  This one is invented and part of a sample.\n\n"
        + "**Welcome To The World of Free Plain Vanilla Electronic Texts**\n\n\n"
        + "Title: "
        + title
        + "\n\nAuthor: "
        + author
        + "\n\n\n"
        + "***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***\n"
        + "Why is this \"Small Print!\" statement here?  You know: lawyers.\n"
        + "Among other things, this \"Small Print!\" statement disclaims most of\n"
        + "our liability to you.  It also tells you how you can distribute\n"
        + "copies of this etext if you want to.\n\n\n"
        + start
        + "\n\n\n\n\nThis etext was prepared by the Sample World Proofreading Team\n\n\n\n\n";
  }

  private static String body(Item book, String author) {
    if (book.paragraphs.isEmpty()) {
      return "";
    }
    var text =
        new StringBuilder(book.title.toUpperCase(Locale.ROOT) + "\n\nby " + author + "\n\n\n");
    for (var i = 0; i < book.paragraphs.size(); i++) {
      if (i % PARAGRAPHS_A_CHAPTER == 0) {
        text.append("\n\nCHAPTER ")
            .append(NUMERALS.get(i / PARAGRAPHS_A_CHAPTER % NUMERALS.size()))
            .append("\n\n\n");
      }
      text.append(wrapped(book.paragraphs.get(i))).append("\n\n");
    }
    return text + "\n\nTHE END\n\n\n\n\n";
  }

  private static String wrapped(String paragraph) {
    var text = new StringBuilder();
    var column = 0;
    for (var word : paragraph.split(" ", -1)) {
      if (column > 0 && column + 1 + word.length() > WIDTH) {
        text.append('\n').append(word);
        column = word.length();
      } else {
        text.append(column == 0 ? "" : " ").append(word);
        column += word.length() + (column == 0 ? 0 : 1);
      }
    }
    return text.toString();
  }

  private String footer(int number, String title, String author) {
    return switch (this) {
      case BARE -> "";
      case SMALL_PRINT -> "End of Project Gutenberg Etext of " + title + ", by " + author + "\n\n";
      default ->
          (this == ASCII ? "End of Project Gutenberg's " + title + ", by " + author + "\n\n" : "")
              + mark(start.replace("START", "END"), title)
              + "\n\n***** This file should be named "
              + fileName(number)
              + " *****\n\n"
              + "Updated editions will replace the previous one--the old editions will\n"
              + "be renamed.\n\n"
              + "START: FULL LICENSE\n\n"
              + "THE FULL PROJECT GUTENBERG LICENSE\n"
              + "PLEASE READ THIS BEFORE YOU DISTRIBUTE OR USE THIS WORK\n\n"
              + "1.A.  This stands where the licence stands in a real file, so that a\n"
              + "reader of such files can show that it takes the licence away together\n"
              + "with the header. It is not part of the book, and a corpus that holds this\n"
              + "paragraph was read without looking for the end of the text, for which\n"
              + "the line with three stars before and behind it is meant.\n";
    };
  }
}
