package io.lorashear.spark.enlarge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WordRunsTest {
  private static final List<String> TEXTS = List.of("one two  three\n\nfour", " five 𝄞𝄞𝄞 ", "");

  @Property(tries = 200)
  void aDocumentHasItsLengthAndRealWords(
      @ForAll long seed, @ForAll @IntRange(min = 20, max = 5000) int length) {
    var text = WordRuns.of(TEXTS).document(new SplittableRandom(seed), length);
    // a space or a half of a character may have been at the end
    assertThat(text.length()).isBetween(length - 3, length);
    assertThat(text).isEqualTo(text.strip()).matches(each -> !endsInHalf(each));
    var words = List.of(text.split("\\s+"));
    assertThat(List.of("one", "two", "three", "four", "five", "𝄞𝄞𝄞"))
        .containsAll(words.subList(0, words.size() - 1));
    for (var paragraph : text.split("\n\n")) {
      assertThat(paragraph.length()).isLessThan(1200 + 20 * 7);
    }
  }

  private static boolean endsInHalf(String text) {
    return Character.isHighSurrogate(text.charAt(text.length() - 1));
  }

  @Test
  void wordsFollowEachOtherAsInTheText() {
    var text = WordRuns.of(List.of("a b c d e f")).document(new SplittableRandom(3), 200);
    var words = text.split("\\s+");
    int inOrder = 0;
    for (int i = 1; i < words.length; i++) {
      inOrder += (words[i].charAt(0) - 'a' - (words[i - 1].charAt(0) - 'a') + 6) % 6 == 1 ? 1 : 0;
    }
    // runs of at least six words: at most a sixth of the neighbours are of two runs
    assertThat(inOrder).isGreaterThanOrEqualTo((words.length - 1) * 5 / 6 - 1);
  }

  @Test
  void noMoreTextIsKeptThanIsNeeded() {
    var long_ = "word ".repeat(1_000_000);
    assertThat(WordRuns.of(List.of(long_, long_, long_, long_)).size())
        .isEqualTo(WordRuns.MOST_TEXT / 5);
  }
}
