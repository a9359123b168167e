package io.lorashear.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BytePairTrainerTest {
  private static final List<String> TEXTS =
      List.of(
          "The baker of Harrowby sells bread to the weaver, and the weaver sells cloth.",
          "Mara plays the flute; the flute is what Mara plays best. 1234 coins!",
          "“Don't you know?” said the café's owner — naïve as ever.\n\n  Question: Where?\nAnswer: there\n",
          "\u3053\u3093\u306b\u3061\u306f \ud83d\ude00 \u0000\u200b tabs\tand  blanks   ");

  @TempDir Path folder;

  @Test
  void whatIsEncodedDecodesToTheSameText() {
    var trainer = new BytePairTrainer();
    IntStream.range(0, 3).forEach(i -> TEXTS.forEach(trainer::add));
    var vocabulary = trainer.train(300);
    try (var tokenizer = Tokenizer.open(vocabulary.write(folder))) {
      assertThat(tokenizer.size()).isEqualTo(vocabulary.size()).isEqualTo(300);
      for (var text : TEXTS) {
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
      }
      assertThat(tokenizer.encode(BytePairTrainer.END_OF_TEXT)).containsExactly(0);
      assertThat(tokenizer.endOfText()).isZero();
      assertThat(tokenizer.encode(TEXTS.get(0)).length).isLessThan(TEXTS.get(0).length() * 2 / 3);
    }
  }

  /** Merges of the written file applied in their order, one after the other, to the whole word. */
  @Test
  void theLibraryMergesInTheOrderWritten() throws JsonProcessingException {
    var trainer = new BytePairTrainer();
    IntStream.range(0, 3).forEach(i -> TEXTS.forEach(trainer::add));
    var vocabulary = trainer.train(400);
    var model = new ObjectMapper().readTree(vocabulary.json()).get("model");
    try (var tokenizer = Tokenizer.open(vocabulary.write(folder))) {
      for (var word : List.of("weaver", "flute", "Harrowby", "the", "breadcloth", "playsbest")) {
        var pieces = new ArrayList<>(Arrays.asList(word.split("")));
        model.get("merges").forEach(merge -> merged(pieces, merge.asText().split(" ")));
        var ids =
            pieces.stream().mapToInt(piece -> model.get("vocab").get(piece).asInt()).toArray();
        assertThat(tokenizer.encode(word)).as(word).isEqualTo(ids);
      }
    }
  }

  private static void merged(List<String> pieces, String[] pair) {
    for (var i = 0; i + 1 < pieces.size(); i++) {
      if (pieces.get(i).equals(pair[0]) && pieces.get(i + 1).equals(pair[1])) {
        pieces.set(i, pair[0] + pair[1]);
        pieces.remove(i + 1);
      }
    }
  }

  @Test
  void theOrderAndDivisionOfTheTextsDoNotMatter() {
    var whole = new BytePairTrainer();
    TEXTS.forEach(whole::add);
    var shuffled = new ArrayList<>(TEXTS);
    Collections.shuffle(shuffled, new Random(1));
    var again = new BytePairTrainer();
    shuffled.forEach(again::add);
    assertThat(again.train(350).json()).isEqualTo(whole.train(350).json());
  }

  /** Every step counts all pairs anew: slow, and with nothing kept between the steps. */
  @Test
  void mergesAreThoseOfThePlainAlgorithm() {
    var random = new Random(5);
    for (var round = 0; round < 20; round++) {
      var counts = new TreeMap<String, Long>();
      IntStream.range(0, 30)
          .forEach(i -> counts.merge(word(random), 1L + random.nextInt(9), Long::sum));
      var trainer = new BytePairTrainer();
      counts.forEach(trainer::add);
      var vocabulary = trainer.train(290);
      var expected = plain(counts, 290);
      var learnt = IntStream.range(257, vocabulary.size()).mapToObj(vocabulary::token).toList();
      assertThat(learnt).isEqualTo(expected);
    }
  }

  private static String word(Random random) {
    var letters = new StringBuilder();
    IntStream.range(0, 2 + random.nextInt(7))
        .forEach(i -> letters.append((char) ('a' + random.nextInt(3))));
    return letters.toString();
  }

  private static List<String> plain(TreeMap<String, Long> counts, int size) {
    var words = new ArrayList<List<String>>();
    counts.keySet().forEach(word -> words.add(new ArrayList<>(Arrays.asList(word.split("")))));
    var weights = List.copyOf(counts.values());
    var learnt = new ArrayList<String>();
    while (257 + learnt.size() < size) {
      var pairs =
          new TreeMap<String, Long>(); // a blank sorts before every letter: by left, then right
      for (var w = 0; w < words.size(); w++) {
        for (var i = 0; i + 1 < words.get(w).size(); i++) {
          pairs.merge(
              words.get(w).get(i) + " " + words.get(w).get(i + 1), weights.get(w), Long::sum);
        }
      }
      var most = pairs.values().stream().mapToLong(count -> count).max().orElse(0);
      if (most < 2) {
        break;
      }
      var pair =
          pairs.entrySet().stream()
              .filter(e -> e.getValue() == most)
              .findFirst()
              .orElseThrow()
              .getKey()
              .split(" ");
      for (var word : words) {
        merged(word, pair);
      }
      if (!learnt.contains(pair[0] + pair[1])) {
        learnt.add(pair[0] + pair[1]);
      }
    }
    return learnt;
  }

  @Test
  void aVocabularyTooSmallForTheBytesIsRefused() {
    assertThatThrownBy(() -> new BytePairTrainer().train(200))
        .isInstanceOf(InputException.class)
        .hasMessage("a vocabulary of 200 tokens: a byte-level one needs at least 257");
  }

  @Test
  void nothingToMergeLeavesTheBytes() {
    assertThat(new BytePairTrainer().add("a", 5).train(1024).size()).isEqualTo(257);
  }
}
