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
    assertThat(GutenbergText.book(file)).isEqualTo(BODY);
    assertThat(GutenbergText.book(file.replace("\n", "\r\n"))).isEqualTo(BODY);
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
    assertThat(GutenbergText.book(start + BODY + "\n\n" + marker + licence)).isEqualTo(BODY);
  }

  @Test
  void creditsBeforeTheBookGoAndATextWithoutMarkersStays() {
    var start = "*** START OF THE PROJECT GUTENBERG EBOOK TALES ***\n\n\n";
    assertThat(GutenbergText.book(start + "Produced by A. Helper\nand others\n\n\n" + BODY))
        .isEqualTo(BODY);
    assertThat(GutenbergText.book(BODY)).isEqualTo(BODY);
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
    assertThat(GutenbergText.book(file.toString())).isEqualTo(String.join("\n\n", paragraphs));
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
    var book = GutenbergText.book(prose + "\nTiger, tiger,\nburning bright\n");
    assertThat(book).endsWith("Tiger, tiger,\nburning bright");
    var hyphen = "the quick brown fox jumps over the lazy dog and then was good-\ntempered\n";
    assertThat(GutenbergText.book(hyphen)).endsWith("was good-tempered");
  }

  @Test
  void encodingsAreToldFromTheirBytes() {
    assertThat(Encodings.unicode("naïve".getBytes(UTF_8))).contains("naïve");
    assertThat(Encodings.unicode("\ufeffnaïve".getBytes(UTF_8))).contains("naïve");
    assertThat(Encodings.unicode("\ufeffnaïve".getBytes(UTF_16LE))).contains("naïve");
    assertThat(Encodings.unicode("naïve".getBytes(ISO_8859_1))).isEmpty();
    assertThat(Encodings.book("naïve".getBytes(ISO_8859_1))).contains("naïve");
    var declared = "Character set encoding: ISO-8859-1\n\nnaïve";
    assertThat(Encodings.book(declared.getBytes(UTF_8))).contains(declared);
    var greek = "Character set encoding: ISO-8859-7\n\nλόγος";
    assertThat(Encodings.book(greek.getBytes(java.nio.charset.Charset.forName("ISO-8859-7"))))
        .contains(greek);
  }
}
