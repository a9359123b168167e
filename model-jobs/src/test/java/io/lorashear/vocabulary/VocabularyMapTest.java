package io.lorashear.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.Sequence.Document;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class VocabularyMapTest {
  /** Tokens 3 and 4 of 0 to 5 went. */
  private static final VocabularyMap MAP =
      new VocabularyMap(
          "before",
          new int[] {0, 1, 2, 5},
          new TreeMap<>(Map.of(3, new int[] {1, 2}, 4, new int[] {1, 2, 1})));

  private static Sequence row(int tokens, int... ids) {
    return new Sequence(
        "books",
        Sequence.TRAIN,
        "row",
        ids,
        new byte[] {0, 1, 0, 1, 0},
        tokens,
        List.of(new Document("a", 0), new Document("b", 2), new Document("c", 4)));
  }

  @Test
  void removedTokensAreSpelledByTheirParts() {
    assertThat(MAP.after(new int[] {5, 3, 0, 4})).containsExactly(3, 1, 2, 0, 1, 2, 1);
    assertThatThrownBy(() -> MAP.after(6))
        .hasMessage(
            "token id 6: no token had it before the model lost tokens, take the corpus that the"
                + " model's own tokenizer made");
  }

  @Test
  void aFullRowLosesItsEnd() {
    var row = row(5, 5, 3, 1, 4, 2);
    var after = MAP.after(row);
    assertThat(after.inputIds()).containsExactly(3, 1, 2, 1, 1);
    assertThat(after.lossMask()).containsExactly(0, 1, 1, 0, 1);
    assertThat(after.documents()).containsExactly(new Document("a", 0), new Document("b", 3));
    assertThat(after.tokens()).isEqualTo(5);
    assertThat(MAP.leftOut(List.of(row, row))).isEqualTo(6);
  }

  @Test
  void fillingGivesWayFirst() {
    var row = row(2, 5, 3, 0, 0, 0);
    var after = MAP.after(row);
    assertThat(after.inputIds()).containsExactly(3, 1, 2, 0, 0);
    assertThat(after.tokens()).isEqualTo(3);
    assertThat(MAP.leftOut(List.of(row))).isZero();
  }

  @Test
  void theLossOfATokenIsThatOfItsParts() {
    var ids = new int[] {3, 5, 4, 0};
    assertThat(MAP.lossesBefore(ids, new double[] {64, 1, 2, 4, 8, 16}))
        .containsExactly(1, 14, 16); // the first token is not predicted, nor are its parts
    assertThat(MAP.startsAfter(ids, new int[] {0, 0, 2, 2})).containsExactly(0, 0, 0, 3, 3, 3, 3);
  }
}
