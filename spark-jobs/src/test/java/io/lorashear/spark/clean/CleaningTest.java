package io.lorashear.spark.clean;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.spark.source.Document;
import io.lorashear.spark.source.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CleaningTest {
  private static final TokenCounter WORDS = text -> text.split("\\s+").length;

  @Test
  void paragraphsOfTheLimitGoAndLongerOnesStay() {
    var draft = clean(Kind.TEXT, words(64) + "\n\n" + words(65) + "\n \nshort", "");
    assertThat(draft.text()).isEqualTo(words(65));
    assertThat(draft.removed()).isEqualTo(Map.of("short-paragraph", 2));
    assertThat(draft.reason()).isEmpty();
  }

  @Test
  void aMinimumOfNoTokensKeepsWhatHasNone() {
    var cleaning = new Cleaning(CleaningSettings.of(0.05, 0, 256), text -> 0);
    var document = new Document("s", "s/1", Kind.TEXT, "short\n\nshorter", "", "1", "");
    assertThat(cleaning.clean(document).text()).isEqualTo("short\n\nshorter");
  }

  @Test
  void aDocumentOfShortParagraphsIsDroppedForNothingIsLeft() {
    assertThat(clean(Kind.TEXT, "short\n\nshorter", "").reason()).contains("nothing-left");
  }

  @Test
  void instructionsAreExemptFromLengthButNeedAnAnswer() {
    var draft = clean(Kind.INSTRUCTION, "Say yes, please,\n\nonce more.", "Ye\u200bs.");
    assertThat(draft.text()).isEqualTo("Say yes, please,\n\nonce more.");
    assertThat(draft.response()).isEqualTo("Yes.");
    assertThat(clean(Kind.INSTRUCTION, "Say a long yes please to me.", "\u200b").reason())
        .contains("nothing-left");
  }

  @Test
  void irregularCharactersGoAndOddSpacesBecomePlain() {
    assertThat(
            IrregularCharacters.cleaned(
                "a\u0000b\u200bc\ue000d\ufffde\ud800f\u00a0g\u2028h\u00adi\ufeffj\tk\nl 😀"))
        .isEqualTo("abcdef g\nhij\tk\nl 😀");
  }

  @Test
  void aDocumentWithTooManyOfThemIsDropped() {
    assertThat(clean(Kind.TEXT, words(70) + "\ufffd".repeat(2), "").reason()).isEmpty();
    assertThat(clean(Kind.TEXT, words(70) + "\ufffd".repeat(200), "").reason())
        .contains("irregular-characters");
  }

  @Test
  void softHyphensAreNoDamage() {
    assertThat(clean(Kind.TEXT, words(70).replace("w", "w\u00ad"), "").text()).isEqualTo(words(70));
  }

  /** No sentence is lost or torn, and all blocks but a lone one reach half the size asked for. */
  @Property(tries = 200)
  void sentencesAreJoinedIntoBlocks(
      @ForAll List<@IntRange(min = 1, max = 40) Integer> lengths,
      @ForAll @IntRange(min = 2, max = 100) int blockTokens) {
    var lines = lengths.stream().map(CleaningTest::words).collect(Collectors.joining("\n"));
    var blocks = Paragraphs.of(document(Kind.SENTENCES, lines, ""), blockTokens, WORDS);
    assertThat(String.join(" ", blocks)).isEqualTo(lines.replace('\n', ' '));
    if (blocks.size() > 1) {
      assertThat(blocks).allMatch(block -> WORDS.count(block) * 2 >= blockTokens);
    }
  }

  @Test
  void sentenceBlocksStandTheLengthRule() {
    var lines = IntStream.range(0, 100).mapToObj(i -> words(8)).collect(Collectors.joining("\n"));
    var draft = clean(Kind.SENTENCES, lines, "");
    assertThat(draft.paragraphs()).hasSize(3);
    assertThat(Arrays.stream(draft.text().split("\\s+")).count()).isEqualTo(800);
  }

  @Test
  void paragraphsStandBetweenBlankLines() {
    var random = new Random(4);
    var pieces = List.of("a", "b c", "\n", "\n", "\n", " ", "\t", "\r", "\f", "\u00a0", "\u2003");
    for (var round = 0; round < 3000; round++) {
      var text =
          IntStream.range(0, random.nextInt(14))
              .mapToObj(i -> pieces.get(random.nextInt(pieces.size())))
              .collect(Collectors.joining());
      assertThat(Paragraphs.of(document(Kind.TEXT, text, ""), 256, WORDS))
          .as(text)
          .isEqualTo(
              Arrays.stream(text.split("\\n[ \\t\\r]*\\n\\s*"))
                  .map(String::strip)
                  .filter(paragraph -> !paragraph.isEmpty())
                  .toList());
    }
  }

  private static Draft clean(Kind kind, String text, String response) {
    return new Cleaning(CleaningSettings.of(0.05, 64, 256), WORDS)
        .clean(document(kind, text, response));
  }

  private static Document document(Kind kind, String text, String response) {
    return new Document("s", "s/f", kind, text, response, "f", "");
  }

  private static String words(int count) {
    return IntStream.range(0, count).mapToObj(i -> "w" + i).collect(Collectors.joining(" "));
  }
}
