package io.lorashear.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.score.Request;
import io.lorashear.score.Score;
import io.lorashear.score.Scorer;
import io.lorashear.score.SmallModel;
import io.lorashear.tokenizer.SmallTokenizers;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerateTest {
  /** Probabilities 1/2, 1/4, 1/8, 1/8 in another order. */
  private static final float[] LOGITS = {
    (float) Math.log(0.125), (float) Math.log(0.5), (float) Math.log(0.25), (float) Math.log(0.125)
  };

  @TempDir Path folder;

  @Test
  void greedyTakesTheFirstOfTheLargest() {
    assertThat(Sampling.GREEDY.choose(new float[] {1, 3, 3, 2}, new SplittableRandom(1))).isOne();
  }

  @Test
  void allWordsComeAsOftenAsTheyAreProbable() {
    assertThat(shares(new Sampling(1, 1)))
        .containsExactly(new double[] {0.125, 0.5, 0.25, 0.125}, within(0.02));
  }

  /** Squares of the probabilities, made to sum to one: 1/64, 16/64, 4/64, 1/64 of 22/64. */
  @Test
  void aLowTemperatureSharpens() {
    assertThat(shares(new Sampling(0.5, 1)))
        .containsExactly(new double[] {1 / 22., 16 / 22., 4 / 22., 1 / 22.}, within(0.02));
  }

  /** 1/2 does not reach 0.6, 1/2 + 1/4 does. */
  @Test
  void topPKeepsTheFewestThatReachIt() {
    assertThat(shares(new Sampling(1, 0.6)))
        .containsExactly(new double[] {0, 2 / 3., 1 / 3., 0}, within(0.02));
  }

  /** Of 1/2, 1/4, 1/8 … and, from the tenth on, words alike, 0.7 takes the first two. */
  @Test
  void topPIsReachedAmongManyWords() {
    var logits = new float[20_000];
    for (int id = 0; id < logits.length; id++) {
      logits[logits.length - 1 - id] = (float) (-Math.min(id, 9) * Math.log(2) - (id < 9 ? 0 : 12));
    }
    var random = new SplittableRandom(2);
    var drawn = IntStream.range(0, 200).map(i -> new Sampling(1, 0.7).choose(logits, random));
    assertThat(drawn.distinct().sorted().toArray()).containsExactly(19_998, 19_999);
  }

  private static double[] shares(Sampling sampling) {
    var random = new SplittableRandom(11);
    double[] shares = new double[LOGITS.length];
    int draws = 10_000;
    for (int draw = 0; draw < draws; draw++) {
      shares[sampling.choose(LOGITS, random)] += 1.0 / draws;
    }
    return shares;
  }

  @Test
  void theSameSeedGivesTheSameTokensAndAStopEnds() {
    try (var model = SmallModel.load(null, null)) {
      var warm = new Sampling(1.5, 0.9);
      var free = new Generator(model, 6, Set.of());
      var tokens = tokens(free, warm, 3);
      assertThat(tokens).hasSize(20).isEqualTo(tokens(free, warm, 3));
      assertThat(tokens).isNotEqualTo(tokens(free, warm, 4));
      int stop = tokens.get(7);
      assertThat(tokens(new Generator(model, 6, Set.of(stop)), warm, 3))
          .isEqualTo(tokens.subList(0, tokens.indexOf(stop)));
    }
  }

  /** The scorer calls a continuation greedy if each token is the likeliest after those before. */
  @Test
  void greedyTokensAreThoseTheScorerFindsLikeliest() {
    try (var model = SmallModel.load(null, null);
        var scorer = Scorer.over(model, 30)) {
      var tokens = tokens(new Generator(model, 30, Set.of()), Sampling.GREEDY, 0);
      int[] continuation = tokens.stream().mapToInt(id -> id).toArray();
      assertThat(scorer.score(List.of(new Request(new int[] {3, 9}, continuation))))
          .allMatch(Score::greedy);
    }
  }

  /** Of 8 positions at least the last 6 tokens: 6, 7, 8, and again. */
  @Test
  void ofATextThatOutgrowsTheModelItSeesTheEnd() {
    try (var model = SmallModel.load(null, null);
        var scope = model.manager().newSubManager()) {
      var tokens = new ArrayList<>(List.of(3, 9));
      new Generator(model, 8, Set.of())
          .generate(new int[] {3, 9}, 20, Sampling.GREEDY, 0, tokens::add);
      for (int length = 2; length < tokens.size(); length++) {
        int seen = length <= 8 ? length : 6 + length % 3;
        var end = tokens.subList(length - seen, length).stream().mapToInt(id -> id).toArray();
        var logits = model.logits(scope, model.ids(scope, end)).get(0).get(seen - 1);
        assertThat(logits.argMax().getLong()).isEqualTo((long) tokens.get(length));
      }
    }
  }

  @Test
  void anEmptyPromptIsRefused() {
    try (var model = SmallModel.load(null, null)) {
      var generator = new Generator(model, 6, Set.of());
      assertThatThrownBy(() -> generator.generate(new int[0], 1, Sampling.GREEDY, 0, id -> {}))
          .hasMessage("The prompt is empty: give at least one word");
    }
  }

  private static List<Integer> tokens(Generator generator, Sampling sampling, long seed) {
    var tokens = new ArrayList<Integer>();
    generator.generate(new int[] {3, 9}, 20, sampling, seed, tokens::add);
    return tokens;
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain text yes", "日本語 crème 🦙", "a\uFFFDb"})
  void piecesPutTogetherAreTheText(String text) throws IOException {
    try (var tokenizer = Tokenizer.open(SmallTokenizers.byteLevel(folder))) {
      var stream = new TextStream(tokenizer, tokenizer.encode("A prompt: "));
      var said = new StringBuilder();
      for (int id : tokenizer.encode(text)) {
        String piece = stream.next(id);
        assertThat(piece).doesNotEndWith("\uFFFD");
        said.append(piece);
      }
      assertThat(said.append(stream.end())).hasToString(text);
    }
  }

  @Test
  void anUnfinishedCharacterIsShownAtTheEnd() throws IOException {
    try (var tokenizer = Tokenizer.open(SmallTokenizers.byteLevel(folder))) {
      var stream = new TextStream(tokenizer, new int[0]);
      int[] ids = tokenizer.encode("é");
      assertThat(stream.next(ids[0])).isEmpty();
      assertThat(stream.end()).isEqualTo("\uFFFD");
    }
  }
}
