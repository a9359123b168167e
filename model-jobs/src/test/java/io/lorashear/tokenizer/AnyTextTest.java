package io.lorashear.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Any text of Unicode survives any cut: of a trained vocabulary of bytes, and of pieces. */
class AnyTextTest {
  private static final int CUTS = 4;

  private static Path folder;
  private static final Pair[] BYTES = new Pair[CUTS];
  private static final Pair[] PIECES = new Pair[CUTS];

  private record Pair(Tokenizer old, Tokenizer small, VocabularyCut cut, Recoding recoding) {}

  @BeforeContainer
  static void cut() throws IOException {
    folder = Files.createTempDirectory("cuts");
    var random = new Random(1);
    var trainer = new BytePairTrainer();
    for (int i = 0; i < 400; i++) {
      trainer.add(RandomVocabulary.text(random) + " the thing that they thought, 日本語 été");
    }
    var bytes = folder.resolve("bytes");
    trainer.train(400).write(bytes);
    var pieces = Files.createDirectories(folder.resolve("pieces"));
    Files.write(pieces.resolve("tokenizer.json"), RandomVocabulary.json("gemma", random));
    for (int i = 0; i < CUTS; i++) {
      BYTES[i] = pair(bytes, i, random);
      PIECES[i] = pair(pieces, i, random);
    }
  }

  private static Pair pair(Path from, int number, Random random) {
    var to = from.resolve("cut" + number);
    var cut = VocabularyCut.of(from, RandomVocabulary.some(600, 0.3 * number, random));
    cut.write(from, to);
    return new Pair(Tokenizer.open(from), Tokenizer.open(to), cut, Recoding.between(from, to));
  }

  @AfterContainer
  static void clean() throws IOException {
    for (var pair : Arrays.asList(BYTES)) {
      pair.old().close();
      pair.small().close();
    }
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Property(tries = 300)
  void bytes(@ForAll String text, @ForAll @IntRange(max = CUTS - 1) int number) {
    check(BYTES[number], text);
    check(BYTES[number], "the " + text + " thing, " + text);
  }

  @Property(tries = 300)
  void pieces(@ForAll String text, @ForAll @IntRange(max = CUTS - 1) int number) {
    var marked = text.replace('▁', ' '); // the mark of a space is decoded as a space
    check(PIECES[number], marked);
    check(PIECES[number], "ab bb " + marked + " 日b");
  }

  private static void check(Pair pair, String text) {
    int[] before = pair.old().encode(text);
    int[] after = pair.small().encode(text);
    var decoded = pair.small().decode(after);
    assertThat(decoded).isEqualTo(pair.old().decode(before));
    if (text.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
      assertThat(decoded).isEqualTo(text);
    }
    assertThat(pair.recoding().of(before)).isEqualTo(after);
    if (Arrays.stream(before).allMatch(pair.cut()::keeps)) {
      assertThat(after)
          .isEqualTo(Arrays.stream(before).map(id -> pair.cut().newIds()[id]).toArray());
    }
  }
}
