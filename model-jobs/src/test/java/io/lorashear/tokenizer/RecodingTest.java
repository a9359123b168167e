package io.lorashear.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecodingTest {
  @TempDir Path folder;

  static List<String> kinds() {
    return RandomVocabulary.KINDS;
  }

  /** Compared with encoding the text itself, over drawn vocabularies, cuts and texts. */
  @ParameterizedTest
  @MethodSource("kinds")
  void idsAreThoseOfEncodingAnew(String kind) throws IOException {
    var random = new Random(11);
    int changed = 0;
    long inexact = 0;
    for (int round = 0; round < 12; round++) {
      var from = Files.createDirectories(folder.resolve("from" + round));
      var to = folder.resolve("to" + round);
      Files.write(from.resolve("tokenizer.json"), RandomVocabulary.json(kind, random));
      var wanted = RandomVocabulary.some(600, 0.6, random);
      VocabularyCut.of(from, wanted).write(from, to);
      var recoding = Recoding.between(from, to);
      try (var old = Tokenizer.open(from);
          var small = Tokenizer.open(to)) {
        for (int i = 0; i < 60; i++) {
          var text = RandomVocabulary.text(random);
          var anew = small.encode(text);
          var recoded = recoding.of(old.encode(text), 0);
          inexact += recoded.inexact();
          if (recoded.inexact() == 0) {
            assertThat(recoded.ids()).as(text).isEqualTo(anew);
          } else {
            assertThat(small.decode(recoded.ids())).as(text).isEqualTo(small.decode(anew));
          }
          changed += Arrays.stream(old.encode(text)).allMatch(recoding.cut()::keeps) ? 0 : 1;
        }
      }
    }
    assertThat(changed).isGreaterThan(100);
    if (!kind.equals("metaspace") && !kind.equals("unknown")) {
      assertThat(inexact).isZero();
    }
  }

  /** e|s after a removed yes: s is merged with what follows, where splitting would leave it. */
  @Test
  void aPartThatIsMergedWithItsNeighbourIsFound() throws IOException {
    var file = SmallTokenizers.byteLevel(folder);
    var text =
        Files.readString(file)
            .replace("\"yes\": 258", "\"yes\": 258, \"st\": 260")
            .replace("\"Ġ yes\"]", "\"Ġ yes\", \"s t\"]");
    Files.writeString(file, text);
    var wanted = new BitSet();
    wanted.set(260);
    var to = folder.resolve("to");
    var cut = VocabularyCut.of(folder, wanted);
    cut.write(folder, to);
    var recoding = Recoding.between(folder, to);
    assertThat(recoding.of(new int[] {259, 1 + 't', 1 + '!'}))
        .containsExactly(1 + ' ', 1 + 'y', 1 + 'e', 257, 1 + '!');
    assertThat(cut.parts(folder)).startsWith(1, 1).endsWith(2, 3, 4, 1);
  }

  @Test
  void aBeginKeepsTheTokensThatLieInIt() throws IOException {
    SmallTokenizers.byteLevel(folder);
    var to = folder.resolve("to");
    VocabularyCut.mandatory(folder).write(folder, to);
    var recoding = Recoding.between(folder, to);
    var ids = new int[] {1 + 'A', 259, 258, 1 + '!'}; // "A yes" | "yes!"
    assertThat(recoding.of(ids, 2).begin()).isEqualTo(5);
    assertThat(recoding.of(ids, 2).ids()).hasSize(9);
    assertThat(recoding.of(ids, 0).begin()).isZero();
    assertThat(recoding.of(ids, 4).begin()).isEqualTo(9);
  }

  /** Half of é: no text has these ids. */
  @Test
  void idsOfNoTextAreSplitAndCounted() throws IOException {
    SmallTokenizers.byteLevel(folder);
    var to = folder.resolve("to");
    VocabularyCut.mandatory(folder).write(folder, to);
    var recoding = Recoding.between(folder, to);
    int half = 1 + "é".getBytes(StandardCharsets.UTF_8)[1] & 0xFF;
    var recoded = recoding.of(new int[] {half, 257}, 0);
    assertThat(recoded.ids()).containsExactly(half, 1 + 'e', 1 + 's');
    assertThat(recoded.inexact()).isEqualTo(1);
  }

  @Test
  void anotherTokenizerIsNoCut() throws IOException {
    SmallTokenizers.byteLevel(folder);
    var to = Files.createDirectories(folder.resolve("to"));
    SmallTokenizers.sentencePiece(to);
    assertThatThrownBy(() -> Recoding.between(folder, to))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s is not %s with tokens removed: its added_tokens differs; give the tokenizer of the"
                + " model that was pruned, and that of the model it was pruned from",
            to.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
  }
}
