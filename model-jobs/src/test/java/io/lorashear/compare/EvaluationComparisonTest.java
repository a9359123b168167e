package io.lorashear.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import io.lorashear.evaluate.EvaluateSettings;
import io.lorashear.evaluate.EvaluateStage;
import io.lorashear.reference.ReferenceData;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.score.Request;
import io.lorashear.score.Score;
import io.lorashear.score.ScoringModel;
import io.lorashear.settings.Settings;
import io.lorashear.statistics.Bootstrap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two results of the whole stage, whose models answer as the test says. */
@Tag("reference")
class EvaluationComparisonTest {
  private static final int QUESTIONS = 60;

  @TempDir Path folder;

  /** Every first choice is right. Of 60 the one has 40 right, the other loses 12 and wins 2. */
  @Test
  void questionsThatOnlyOneGotRightDecide() throws IOException {
    var first = evaluate("first", QUESTIONS, question -> question < 40, 0);
    var second = evaluate("second", QUESTIONS, question -> question >= 12 && question < 42, 0);
    var comparison = EvaluationComparison.of(first, second, Bootstrap.USUAL);
    var task = comparison.tasks().get(0);
    assertThat(List.of(task.lost(), task.won(), task.questions())).containsExactly(12, 2, 60);
    assertThat(task.difference()).isCloseTo(-10 / 60.0, within(1e-12));
    // 2 (1 + 14 + 91) / 2¹⁴
    assertThat(task.p()).isCloseTo(2 * 106 / 16384.0, within(1e-12));
    assertThat(comparison.differs()).containsExactly(true);
    assertThat(task.interval().high()).isNegative();
    assertThat(comparison.mean()).isEqualTo(task.difference());
    assertThat(comparison.table()).contains("12/2", "-16.67", "sure");
    assertThat(comparison.json().at("/tasks/own/change/noise").booleanValue()).isFalse();
  }

  /** One more right answer of sixty is nothing; that all likelihoods fell by half a nat is. */
  @Test
  void likelihoodsTellWhatAnswersDoNot() throws IOException {
    var first = evaluate("first", QUESTIONS, question -> question < 40, 0);
    var second = evaluate("second", QUESTIONS, question -> question < 41, 0.5);
    var comparison = EvaluationComparison.of(first, second, Bootstrap.USUAL);
    assertThat(comparison.differs()).containsExactly(false);
    assertThat(comparison.goldDiffers()).containsExactly(true);
    assertThat(comparison.tasks().get(0).gold()).isCloseTo(-0.5 + 2.0 / 60, within(1e-9));
    assertThat(comparison.table()).contains("noise", "sure");
  }

  @Test
  void aResultDoesNotDifferFromItself() throws IOException {
    var first = evaluate("first", QUESTIONS, question -> question < 40, 0);
    var comparison = EvaluationComparison.of(first, first, Bootstrap.USUAL);
    assertThat(comparison.differs()).containsExactly(false);
    assertThat(comparison.goldDiffers()).containsExactly(false);
    assertThat(comparison.meanInterval().excludesZero()).isFalse();
  }

  /** Twenty documents of about six words, each token a tenth of a nat dearer. */
  @Test
  void textsAreComparedDocumentByDocument() throws IOException {
    var lines =
        IntStream.range(0, 20)
            .mapToObj(i -> "{\"text\": \"One day %d a cat ran off.\"}".formatted(i))
            .toList();
    Path file = Files.write(folder.resolve("tales.jsonl"), lines);
    String[] texts = {"texts.tales.file=" + file, "texts.tales.documents=lines"};
    var first = evaluate("first", 4, question -> true, 0, texts);
    var second = evaluate("second", 4, question -> true, 0.1, texts);
    var comparison = EvaluationComparison.of(first, second, Bootstrap.USUAL);
    var tales = comparison.texts().get(0);
    var figures = new ObjectMapper().readTree(second.file("results.json").toFile());
    assertThat(tales.documents()).isEqualTo(20);
    assertThat(tales.second())
        .isCloseTo(figures.at("/results/tales/word_perplexity,none").doubleValue(), within(1e-9));
    assertThat(tales.change()).isGreaterThan(1.1);
    assertThat(tales.factor().orElseThrow().low()).isGreaterThan(1);
    assertThat(tales.differs()).isTrue();
    assertThat(comparison.table()).contains("tales", "sure");
    assertThat(comparison.json().at("/texts/tales/noise").booleanValue()).isFalse();
    var only = evaluate("only", 4, question -> true, 0, texts[0], texts[1], "choices={}");
    assertThat(EvaluationComparison.of(only, second, Bootstrap.USUAL).tasks()).isEmpty();
  }

  @Test
  void otherQuestionsCannotBeCompared() throws IOException {
    var first = evaluate("first", QUESTIONS, question -> true, 0);
    var fewer = evaluate("fewer", 59, question -> true, 0);
    assertThatThrownBy(() -> EvaluationComparison.of(first, fewer, Bootstrap.USUAL))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "task own: one was asked 60 questions, the other 59: evaluate both with the same"
                + " limit");
    var shots = evaluate("shots", QUESTIONS, question -> true, 0, "fewShot.count=1");
    assertThatThrownBy(() -> EvaluationComparison.of(first, shots, Bootstrap.USUAL))
        .hasMessage(
            "task own: question 0 (0) is another in the two results: evaluate both with the same"
                + " benchmarks and fewShot");
    var apart = evaluate("apart", QUESTIONS, question -> true, 0, "protocol=separate");
    assertThatThrownBy(() -> EvaluationComparison.of(first, apart, Bootstrap.USUAL))
        .hasMessage(
            "protocol is joint in one result and separate in the other: such figures must not be"
                + " compared; evaluate both by the same");
  }

  private PublishedDirectory evaluate(
      String name, int count, IntPredicate right, double worse, String... more) throws IOException {
    var lines =
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    "{\"context\": \"Question %d is\", \"choices\": [\"yes\", \"no\"], \"answer\": 0}"
                        .formatted(i))
            .toList();
    Path file = Files.write(folder.resolve("q" + count + ".jsonl"), lines);
    var overrides =
        new java.util.ArrayList<>(
            List.of(
                "checkpoint=" + ReferenceData.path("reference/stories260K-hf"),
                "output=" + folder.resolve(name),
                "tasks=[]",
                "choices.own=" + file));
    overrides.addAll(List.of(more));
    var settings = Settings.defaults(EvaluateSettings.class, overrides);
    return EvaluateStage.run(
        settings, checkpoint -> new Told(right, worse), true, Progress.silent());
  }

  /** The right choice is 2 nats likelier where it is told so, else as much less likely. */
  private record Told(IntPredicate right, double worse) implements ScoringModel {
    @Override
    public List<Score> score(List<Request> requests, IntConsumer done) {
      return IntStream.range(0, requests.size())
          .mapToObj(
              r -> {
                boolean wins = right.test(r / 2) == (r % 2 == 0);
                return new Score((wins ? -1 : -3) - worse, false);
              })
          .toList();
    }

    @Override
    public double[][] tokenLosses(List<int[]> sequences) {
      return sequences.stream()
          .map(ids -> DoubleStream.generate(() -> 1 + worse).limit(ids.length - 1).toArray())
          .toArray(double[][]::new);
    }

    @Override
    public int longest() {
      return 100;
    }

    @Override
    public void close() {}
  }
}
