package io.lorashear.spark.overlap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ShinglesTest {

  @Test
  void likenessIsCountedOverRunsOfWords() {
    // abc bcd cde | abc bcd cdx: two of four
    assertThat(jaccard("a b c d e", "a b c d x", 3)).isEqualTo(0.5);
  }

  @Test
  void punctuationCapitalsAndSpacesMakeNoDifference() {
    assertThat(jaccard("The fox, the \u201Cvixen\u201D", "the FOX\n\n(the vixen).", 3))
        .isEqualTo(1);
    assertThat(jaccard("\uFB01sh and chips today", "fish and chips today", 3)).isEqualTo(1);
    assertThat(jaccard("cafe\u0301 in the rain", "caf\u00e9 in the rain", 2)).isEqualTo(1);
  }

  @Test
  void aShortTextIsOneShingle() {
    assertThat(jaccard("two words", "Two words.", 5)).isEqualTo(1);
    assertThat(jaccard("two words", "two wordy", 5)).isZero();
  }

  @Test
  void textsWithoutWordsAreLikeNone() {
    assertThat(jaccard("...", "...", 5)).isZero();
    assertThat(Shingles.of("", 5).hashes()).isEmpty();
  }

  @Property(tries = 200)
  void sameAsOverSetsOfStrings(
      @ForAll @Size(max = 40) List<@IntRange(max = 4) Integer> left,
      @ForAll @Size(max = 40) List<@IntRange(max = 4) Integer> right,
      @ForAll @IntRange(min = 1, max = 4) int words) {
    var a = strings(left, words);
    var b = strings(right, words);
    var shared = new HashSet<>(a);
    shared.retainAll(b);
    var all = new HashSet<>(a);
    all.addAll(b);
    var expected = all.isEmpty() ? 0 : (double) shared.size() / all.size();
    assertThat(jaccard(text(left), text(right), words)).isCloseTo(expected, within(1e-12));
  }

  private static Set<String> strings(List<Integer> numbers, int words) {
    var length = Math.min(words, numbers.size());
    var strings = new HashSet<String>();
    for (var i = 0; length > 0 && i + length <= numbers.size(); i++) {
      strings.add(text(numbers.subList(i, i + length)));
    }
    return strings;
  }

  private static String text(List<Integer> numbers) {
    return String.join(" ", numbers.stream().map(number -> "w" + number).toList());
  }

  private static double jaccard(String a, String b, int words) {
    return Shingles.jaccard(Shingles.of(a, words).bytes(), Shingles.of(b, words).bytes());
  }
}
