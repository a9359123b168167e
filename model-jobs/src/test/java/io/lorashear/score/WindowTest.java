package io.lorashear.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WindowTest {

  /**
   * What get_rolling_token_windows and make_disjoint_window give for tokens 1 to 6, 4 at a time.
   */
  @Test
  void theDrawnExamplesComeOut() {
    assertThat(drawn(Window.rolling(ids(6), 0, 4)))
        .containsExactly("[0, 1, 2, 3, 4] from 1", "[2, 3, 4, 5, 6] from 3");
    assertThat(drawn(Window.strided(ids(6), 4, 2, true)))
        .containsExactly("[1, 2, 3, 4] from 1", "[3, 4, 5, 6] from 2");
    assertThat(drawn(Window.strided(ids(6), 4, 4, true)))
        .containsExactly("[1, 2, 3, 4] from 1", "[5, 6] from 1");
    assertThat(drawn(Window.strided(ids(6), 4, 4, false))).containsExactly("[1, 2, 3, 4] from 1");
    assertThat(Window.rolling(ids(0), 0, 4)).isEmpty();
    assertThat(Window.strided(ids(1), 4, 4, true)).isEmpty();
  }

  @Property(tries = 300)
  void rollingPredictsEveryTokenOnceBehindItsOwnText(
      @ForAll @IntRange(max = 40) int tokens, @ForAll @IntRange(min = 2, max = 9) int length) {
    var predicted = new ArrayList<Integer>();
    for (Window window : Window.rolling(ids(tokens), 0, length)) {
      assertThat(window.ids().length - 1).isLessThanOrEqualTo(length);
      predicted.addAll(scored(window));
    }
    assertThat(predicted).isEqualTo(IntStream.rangeClosed(1, tokens).boxed().toList());
  }

  @Property(tries = 300)
  void stridedPredictsEveryTokenOnceButWhatBeginsAWindow(
      @ForAll @IntRange(min = 1, max = 40) int tokens,
      @ForAll @IntRange(min = 2, max = 9) int length,
      @ForAll @IntRange(min = 1, max = 9) int stride) {
    int step = Math.min(stride, length);
    var predicted = new ArrayList<Integer>();
    for (Window window : Window.strided(ids(tokens), length, step, true)) {
      assertThat(window.ids()).hasSizeLessThanOrEqualTo(length);
      predicted.addAll(scored(window));
    }
    var expected =
        IntStream.rangeClosed(2, tokens)
            .filter(token -> step < length || (token - 1) % length != 0)
            .boxed()
            .toList();
    assertThat(predicted).isEqualTo(expected);
  }

  private static List<Integer> scored(Window window) {
    for (int i = 1; i < window.ids().length; i++) {
      assertThat(window.ids()[i]).isEqualTo(window.ids()[i - 1] + 1);
    }
    return IntStream.of(window.ids()).skip(window.scored()).boxed().toList();
  }

  private static List<String> drawn(List<Window> windows) {
    return windows.stream()
        .map(w -> IntStream.of(w.ids()).boxed().toList() + " from " + w.scored())
        .toList();
  }

  private static int[] ids(int count) {
    return IntStream.rangeClosed(1, count).toArray();
  }
}
