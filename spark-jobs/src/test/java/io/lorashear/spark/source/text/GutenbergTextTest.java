package io.lorashear.spark.source.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GutenbergTextTest {
  private static final String BODY = "It was the best of times.\n\nIt was the worst of times.";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*** START OF THE PROJECT GUTENBERG EBOOK TALES ***",
        "*** START OF THIS PROJECT GUTENBERG EBOOK TALES ***",
        "***START OF THE PROJECT GUTENBERG EBOOK TALES***",
        "*** START OF THE PROJECT GUTENBERG EBOOK, TALES OF\nTWO LINES ***",
        "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*",
        "*END THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.12.12.00*END*",
      })
  void whatStandsBeforeTheMarkerGoes(String marker) {
    var file = "The Project Gutenberg EBook of Tales\n\n" + marker + "\n\n\n" + BODY + "\n";
    assertThat(GutenbergText.of(file).book()).isEqualTo(BODY);
    assertThat(GutenbergText.of(file.replace("\n", "\r\n")).book()).isEqualTo(BODY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*** END OF THE PROJECT GUTENBERG EBOOK TALES ***",
        "***END OF THIS PROJECT GUTENBERG EBOOK TALES***",
        "End of Project Gutenberg's Tales, by A. Writer",
        "End of the Project Gutenberg EBook of Tales",
        "End of Project Gutenberg Etext of Tales",
      })
  void whatStandsAfterTheMarkerGoes(String marker) {
    var licence = "\n\n***START**THE SMALL PRINT!**\n*END THE SMALL PRINT! *END*\n";
    var start = "*** START OF THE PROJECT GUTENBERG EBOOK TALES ***\n\n";
    assertThat(GutenbergText.of(start + BODY + "\n\n" + marker + licence).book()).isEqualTo(BODY);
  }

  @Test
  void creditsBeforeTheBookGoAndATextWithoutMarkersStays() {
    var start = "*** START OF THE PROJECT GUTENBERG EBOOK TALES ***\n\n\n";
    assertThat(GutenbergText.of(start + "Produced by A. Helper\nand others\n\n\n" + BODY).book())
        .isEqualTo(BODY);
    assertThat(GutenbergText.of(BODY).book()).isEqualTo(BODY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*** START OF THE COPYRIGHTED PROJECT GUTENBERG EBOOK TALES ***",
        "*** START OF PROJECT GUTENBERG EBOOK TALES ***",
        "** START OF THE PROJECT GUTENBERG E-BOOK TALES **",
        "Beginning of this Project Gutenberg Etext of Tales",
        "*SMALL PRINT! Ver.03.08.92 FOR COPYRIGHT PROTECTED ETEXTS*END*",
        "Please read the \"legal small print\", which may now be found at the end of this file.",
        "Project Gutenberg of Australia eBooks are created from printed editions.\n\n"
            + "Title: Tales\nAuthor: A. Writer (1850-1900)",
        "* A Project Gutenberg Canada Ebook *\n\nTitle: Tales\nDate of first publication: 1921",
        "*** INIZIO DELL'EBOOK DEL PROGETTO GUTENBERG TALES ***",
      })
  void everyAgeAndSisterOfTheProjectBeginsInItsOwnWay(String marker) {
    var file = "The Project Gutenberg EBook of Tales\n\nTales\n\n" + marker + "\n\n\n" + BODY;
    assertThat(GutenbergText.of(file).book()).isEqualTo(BODY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*** END OF THE COPYRIGHTED PROJECT GUTENBERG EBOOK TALES ***",
        "End of this Project Gutenberg Etext of Tales",
        "The end of the Project Gutenberg e-text of Tales",
        "End of\nProject Gutenberg's Tales",
        "Ende dieses Projekt Gutenberg Etextes \"Tales\"",
        "Ende dieses Etextes von Projekt Gutenberg",
        "Fin de Project Gutenberg Etext de Tales",
        "Fin du Projet Gutenberg: Tales",
        "Fim do Project Gutenberg EBook de Tales",
        "Einde van het Project Gutenberg EBook Tales",
        "Fine dell'Etext Project Gutenberg di Tales",
        "Project Gutenbergin e-kirjan Tales loppu",
        "**This is a COPYRIGHTED Project Gutenberg Etext, Details Above**",
        "[End of Tales, by A. Writer]",
        "This site is full of FREE ebooks - Project Gutenberg Australia",
        "***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***",
      })
  void everyAgeAndLanguageOfTheProjectEndsInItsOwnWay(String marker) {
    var licence = "\n\nYou may copy this e-text.\n\n*END THE SMALL PRINT! *END*\n";
    assertThat(GutenbergText.of(BODY + "\n\n" + marker + licence).book()).isEqualTo(BODY);
    assertThat(GutenbergText.of(BODY + "\n\n" + marker + "\n").book()).isEqualTo(BODY);
  }

  @Test
  void aLicenceAtTheEndLeavesTheBookBeforeIt() {
    var file =
        """
        The Project Gutenberg Etext of Tales, by A. Writer

        Copyright laws are changing all over the world.

        Title: Tales

        The "legal small print" and other information about this book
        may now be found at the end of this file.

        We thank the library that put its images at gallica.bnf.fr.


        %s

        **The Legal Small Print**

        (Three Pages)

        Why is this "Small Print!" statement here? You know: lawyers.

        *END THE SMALL PRINT! FOR PUBLIC DOMAIN EBOOKS*Ver.02/11/02*END*
        """;
    assertThat(GutenbergText.of(file.formatted(BODY)).book()).isEqualTo(BODY);
  }

  @Test
  void whatEndsTheFirstOfTwoPartsCutsNothingOff() {
    var end = "End of this Project Gutenberg Etext of Tales, Part 1";
    var both = GutenbergText.of(BODY + "\n\n" + end + "\n\n" + BODY);
    assertThat(both.book()).isEqualTo(BODY + "\n\n" + BODY);
    assertThat(both.inside()).isEqualTo(1);
    var start = "*** START OF THE PROJECT GUTENBERG EBOOK TALES ***\n\n";
    var licence = "\n\n*** END OF THE PROJECT GUTENBERG EBOOK TALES ***\n\nThe licence.\n\n";
    var two = GutenbergText.of((start + BODY + licence).repeat(2));
    assertThat(two.book()).isEqualTo(BODY + "\n\n" + BODY);
    assertThat(two.inside()).isEqualTo(1);
  }

  @Test
  void markersInTheWrongPlaceLoseNoBook() {
    var start = "*** START OF THE PROJECT GUTENBERG EBOOK TALES ***";
    var end = "*** END OF THE PROJECT GUTENBERG EBOOK TALES ***";
    for (var file :
        List.of(
            BODY.repeat(5) + "\n\n" + start + "\n\n" + end,
            start + "\n\n" + end + "\n\n" + BODY.repeat(5),
            end + "\n\n" + BODY.repeat(5) + "\n\n" + start)) {
      assertThat(GutenbergText.of(file).book()).as(file).contains(BODY.repeat(5));
    }
    for (var between : List.of("", "Produced by A. Helper\n\n")) {
      var empty =
          GutenbergText.of("Title: Tales\n\n" + start + "\n\n" + between + end + "\n\nLicence");
      assertThat(empty.book()).isEmpty();
    }
  }

  @Test
  void aBookOfWhichNothingWouldBeLeftIsTakenWhole() {
    var notes = "Transcriber's note: the author wrote all of this himself, and so it stays.\n";
    var file = "*** START OF THE PROJECT GUTENBERG EBOOK NOTES ***\n\n" + notes.repeat(9);
    var kept = GutenbergText.of(file);
    assertThat(kept.whole()).isTrue();
    assertThat(kept.book().split("Transcriber's note", -1)).hasSize(10);
  }

  @Test
  void noticesBetweenScenesGo() {
    var notice =
        "<<THIS ELECTRONIC VERSION OF THE COMPLETE WORKS IS COPYRIGHT 1990-1993 BY A LIBRARY\n"
            + "AND MAY BE DISTRIBUTED SO LONG AS SUCH COPIES ARE FOR YOUR PERSONAL USE ONLY.>>";
    var file = BODY + "\n\n" + notice + "\n\n" + BODY + "\n\n" + notice + "\n";
    assertThat(GutenbergText.of(file).book()).isEqualTo(BODY + "\n\n" + BODY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "E-text prepared by A. Helper and Project Gutenberg Distributed Proofreaders",
        "This Project Gutenberg Etext was prepared by A. Helper.",
        "Note: Project Gutenberg also has an HTML version of this\n      file. See 1-h.htm.",
        "Note: Images of the original pages are available through Internet Archive.",
        "[Transcriber's Note: The spelling is the author's.]",
        "[Transcriber's note: The text has letters [with macrons].\n\nThey are kept.]",
        "[Nota del transcriptor: se conserva la ortografía.]",
        "Dieser Text wurde von A. Helper erfasst.",
      })
  void creditsAndNotesAfterTheHeaderGo(String credit) {
    var start = "*** START OF THE PROJECT GUTENBERG EBOOK TALES ***\n\n\n";
    assertThat(GutenbergText.of(start + credit + "\n\n\n" + BODY).book()).isEqualTo(BODY);
    assertThat(GutenbergText.of(start + "TALES\n\n" + credit + "\n\n\n" + BODY).book())
        .isEqualTo("TALES\n\n" + BODY);
  }

  /** Words laid out in lines by another hand, and put together again. */
  @Property(tries = 200)
  void paragraphsComeBackFromLinesOfAnyWidth(
      @ForAll Random random, @ForAll @IntRange(min = 50, max = 78) int width) {
    var paragraphs = new ArrayList<String>();
    var file = new StringBuilder();
    for (var i = 0; i < 12; i++) {
      var words = new ArrayList<String>();
      for (var j = 0; j < 80; j++) {
        words.add("abcdefghij".substring(0, 1 + random.nextInt(10)));
      }
      paragraphs.add(String.join(" ", words));
      file.append(wrapped(words, width)).append("\n\n");
    }
    assertThat(GutenbergText.of(file.toString()).book()).isEqualTo(String.join("\n\n", paragraphs));
  }

  private static String wrapped(List<String> words, int width) {
    var out = new StringBuilder();
    var column = 0;
    for (var word : words) {
      var fits = column + 1 + word.length() <= width;
      out.append(column == 0 ? "" : fits ? " " : "\n").append(word);
      column = column == 0 || !fits ? word.length() : column + 1 + word.length();
    }
    return out.toString();
  }

  @Test
  void verseKeepsItsLinesAndHyphensTheirWords() {
    var prose = "the quick brown fox jumps over the lazy dog and then once more again\n".repeat(20);
    var book = GutenbergText.of(prose + "\nTiger, tiger,\nburning bright\n").book();
    assertThat(book).endsWith("Tiger, tiger,\nburning bright");
    var hyphen = "the quick brown fox jumps over the lazy dog and then was good-\ntempered\n";
    assertThat(GutenbergText.of(hyphen).book()).endsWith("was good-tempered");
  }

  @Test
  void encodingsAreToldFromTheirBytes() {
    assertThat(Encodings.unicode("naïve".getBytes(UTF_8))).contains("naïve");
    assertThat(Encodings.unicode("\ufeffnaïve".getBytes(UTF_8))).contains("naïve");
    assertThat(Encodings.unicode("\ufeffnaïve".getBytes(UTF_16LE))).contains("naïve");
    assertThat(Encodings.unicode("naïve".getBytes(ISO_8859_1))).isEmpty();
  }
}
