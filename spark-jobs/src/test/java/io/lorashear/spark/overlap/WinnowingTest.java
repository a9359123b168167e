package io.lorashear.spark.overlap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WinnowingTest {

  @Property(tries = 300)
  void aLongCommonRunIsAlwaysFoundAndAShortOneNever(
      @ForAll Random random,
      @ForAll @IntRange(min = 2, max = 40) int words,
      @ForAll @IntRange(min = 0, max = 80) int common,
      @ForAll @IntRange(max = 60) int before,
      @ForAll @IntRange(max = 60) int after) {
    var shared = text(random, common);
    var left = hashes(text(random, before) + shared + text(random, after), words);
    var right = hashes(text(random, after) + shared + text(random, before), words);
    left.retainAll(right);
    if (common >= words) {
      assertThat(left).isNotEmpty();
    } else if (common < (words + 1) / 2) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void fewRunsAreChosenOfALongText() {
    var text = text(new Random(1), 100_000);
    var chosen = Winnowing.finding(50).of(Words.of(text));
    assertThat((double) chosen.size() / 100_000).isBetween(1.8 / 27, 2.2 / 27);
    assertThat(chosen.stream().map(Winnowing.Fingerprint::first))
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  void aTextWithFewRunsHasOneAndAShorterOneNone() {
    assertThat(Winnowing.finding(50).of(Words.of(text(new Random(1), 30)))).hasSize(1);
    assertThat(Winnowing.finding(50).of(Words.of(text(new Random(1), 24)))).isEmpty();
  }

  /** However it is rolled along: runs are equal where their words are, and in the same order. */
  @Property(tries = 200)
  void aRunHasTheHashOfItsWordsAlone(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 30) int n) {
    var words = random.ints(60, 0, 3).mapToObj(Integer::toString).toList();
    var grams = Words.ofTokens(words).grams(n);
    assertThat(grams).hasSize(61 - n);
    for (var i = 0; i < grams.length; i++) {
      assertThat(Words.ofTokens(words.subList(i, i + n)).grams(n)).containsExactly(grams[i]);
      for (var j = 0; j < i; j++) {
        assertThat(grams[i] == grams[j])
            .isEqualTo(words.subList(i, i + n).equals(words.subList(j, j + n)));
      }
    }
  }

  /** A run that reaches over paragraphs is in each of them; empty ones have no word. */
  @Test
  void everyWordIsInItsParagraph() {
    var document = ParagraphWords.of(List.of("", "one two", "...", "three", ""));
    assertThat(document.words().count()).isEqualTo(3);
    assertThat(IntStream.range(0, 3).map(document::paragraph)).containsExactly(1, 1, 3);
  }

  private static Set<Long> hashes(String text, int words) {
    return Winnowing.finding(words).of(Words.of(text)).stream()
        .map(Winnowing.Fingerprint::hash)
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static String text(Random random, int words) {
    return IntStream.range(0, words)
        .mapToObj(i -> Long.toString(random.nextLong() >>> 1, 36) + " ")
        .collect(Collectors.joining());
  }
}
