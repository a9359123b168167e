package io.lorashear.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.InputException;
import io.lorashear.torch.TorchModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against softmax over plain logits of every sequence by itself. */
class ScorerTest {
  private static final int LONGEST = 24;

  @ParameterizedTest
  @CsvSource({",", "3,", ",4.0", "5,2.0"})
  void mergedRequestsScoreAsEachAlone(@Nullable Integer window, @Nullable Double softCap) {
    try (var model = SmallModel.load(window, softCap);
        var scorer = Scorer.over(model, LONGEST)) {
      var requests = requests(60);
      var scores = scorer.score(requests);
      for (int r = 0; r < requests.size(); r++) {
        var expected = alone(model, requests.get(r));
        assertThat(scores.get(r).logLikelihood()).isCloseTo(expected.logLikelihood(), within(1e-4));
        assertThat(scores.get(r).greedy()).isEqualTo(expected.greedy());
      }
    }
  }

  @Test
  void theLikeliestContinuationIsGreedy() {
    try (var model = SmallModel.load(null, null);
        var scorer = Scorer.over(model, LONGEST)) {
      int[] context = {3, 17, 5};
      int best = likeliest(logits(model, context)[2]);
      var scores =
          scorer.score(
              IntStream.range(0, SmallModel.VOCABULARY)
                  .mapToObj(id -> new Request(context, new int[] {id}))
                  .toList());
      for (int id = 0; id < SmallModel.VOCABULARY; id++) {
        assertThat(scores.get(id).greedy()).isEqualTo(id == best);
      }
      assertThat(scores.stream().mapToDouble(s -> Math.exp(s.logLikelihood())).sum())
          .isCloseTo(1, within(1e-5));
    }
  }

  @Test
  void lossesAreThoseOfEachSequenceAlone() {
    try (var model = SmallModel.load(null, null);
        var scorer = Scorer.over(model, LONGEST)) {
      var random = new Random(3);
      var sequences = new ArrayList<int[]>();
      for (int s = 0; s < 30; s++) {
        sequences.add(ids(random, 2 + random.nextInt(LONGEST - 2)));
      }
      sequences.add(ids(random, LONGEST + 1)); // the last is predicted, not read
      var losses = scorer.tokenLosses(sequences);
      for (int s = 0; s < sequences.size(); s++) {
        assertThat(losses[s]).containsExactly(losses(model, sequences.get(s)), within(1e-5));
      }
    }
  }

  @Test
  void everyRequestIsReportedAsDoneOnce() {
    try (var model = SmallModel.load(null, null);
        var scorer = Scorer.over(model, LONGEST)) {
      var requests = requests(40).stream().filter(r -> r.continuation().length > 0).toList();
      var done = new AtomicInteger();
      scorer.score(requests, done::addAndGet);
      assertThat(done).hasValue(requests.size());
    }
  }

  @Test
  void tokensOfAnotherVocabularyAreRefused() {
    try (var model = SmallModel.load(null, null);
        var scorer = Scorer.over(model, LONGEST)) {
      assertThatThrownBy(() -> scorer.tokenLosses(List.of(new int[] {1, 40})))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "Token id 40, but the model's embedding has 40 rows: use the tokenizer that came with"
                  + " the model, without added tokens beyond them");
      assertThatThrownBy(() -> scorer.tokenLosses(List.of(new int[26])))
          .hasMessage("A sequence of 26 tokens cannot be scored: the model takes 2 to 25");
    }
  }

  private static List<Request> requests(int count) {
    var random = new Random(5);
    var requests = new ArrayList<Request>();
    for (int r = 0; r < count; r++) {
      int[] context = ids(random, 1 + random.nextInt(LONGEST));
      for (int choice = random.nextInt(4); choice >= 0; choice--) {
        requests.add(new Request(context, ids(random, random.nextInt(6))));
      }
    }
    return requests;
  }

  private static int[] ids(Random random, int length) {
    return random.ints(length, 0, SmallModel.VOCABULARY).toArray();
  }

  private static Score alone(TorchModel model, Request request) {
    var all =
        IntStream.concat(IntStream.of(request.context()), IntStream.of(request.continuation()))
            .toArray();
    int[] kept = IntStream.of(all).skip(Math.max(0, all.length - LONGEST - 1)).toArray();
    var logits = logits(model, kept);
    double sum = 0;
    boolean greedy = true;
    for (int t = kept.length - request.continuation().length; t < kept.length; t++) {
      sum -= loss(logits[t - 1], kept[t]);
      greedy &= likeliest(logits[t - 1]) == kept[t];
    }
    return new Score(sum, greedy);
  }

  private static double[] losses(TorchModel model, int[] ids) {
    var logits = logits(model, ids);
    return IntStream.range(1, ids.length).mapToDouble(t -> loss(logits[t - 1], ids[t])).toArray();
  }

  private static double loss(double[] logits, int target) {
    double total = 0;
    for (double logit : logits) {
      total += Math.exp(logit);
    }
    return Math.log(total) - logits[target];
  }

  private static int likeliest(double[] logits) {
    return IntStream.range(0, logits.length)
        .reduce((a, b) -> logits[b] > logits[a] ? b : a)
        .orElseThrow();
  }

  private static double[][] logits(TorchModel model, int[] ids) {
    try (var scope = model.manager().newSubManager()) {
      float[] flat = model.logits(scope, model.ids(scope, ids)).toFloatArray();
      var rows = new double[ids.length][SmallModel.VOCABULARY];
      for (int i = 0; i < flat.length; i++) {
        rows[i / SmallModel.VOCABULARY][i % SmallModel.VOCABULARY] = flat[i];
      }
      return rows;
    }
  }
}
