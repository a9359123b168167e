package io.lorashear.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.InputException;
import io.lorashear.run.Progress;
import io.lorashear.tokenizer.SmallTokenizers;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {
  @TempDir Path folder;
  Tokenizer tokenizer;

  @BeforeEach
  void open() throws IOException {
    tokenizer = Tokenizer.open(SmallTokenizers.byteLevel(folder));
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  /** Every token costs 1, so the shortest choice wins by sum and all are nearly equal by length. */
  private static List<Score> onePerToken(List<Request> requests, IntConsumer done) {
    return requests.stream().map(r -> new Score(-r.continuation().length, false)).toList();
  }

  private TaskResult run(Task.Metric metric, Item... items) {
    var task =
        new Task("own", metric, List.of(), "", file -> new Items(List.of(), new TreeMap<>()));
    return new Evaluation(tokenizer, Protocol.JOINT, EvaluationTest::onePerToken, Progress.silent())
        .run(task, new Items(List.of(items), new TreeMap<>()));
  }

  @Test
  void theMostLikelyChoiceIsTheAnswer() {
    var result =
        run(
            Task.Metric.ACC,
            Item.sharing("c", "1", List.of("long one", "x"), 1),
            Item.sharing("c", "2", List.of("long one", "x"), 0),
            Item.sharing("c", "3", List.of("ab", "cd"), 0),
            Item.sharing("c", "4", List.of("ab", "cd"), 1));
    assertThat(result.acc()).isEqualTo(new Share(2, 4));
    assertThat(result.answers().get(0).scores())
        .containsExactly(new Score(-9, false), new Score(-2, false));
  }

  /** With its space "long one" has 9 tokens for 8 characters, "x" 2 for 1: the longer one wins. */
  @Test
  void byLengthTheLeadingSpaceIsNotCounted() {
    var result = run(Task.Metric.ACC_NORM, Item.sharing("c", "1", List.of("long one", "x"), 0));
    assertThat(result.acc()).isEqualTo(new Share(0, 1));
    assertThat(result.accNorm()).contains(new Share(1, 1));
    assertThat(result.reported()).isEqualTo(new Share(1, 1));
  }

  /** "日" is three bytes but one character; "🦙" two Java chars but one code point. */
  @Test
  void lengthIsCountedInCodePoints() {
    var item = Item.sharing("c", "1", List.of("日本", "🦙", "", " x"), 0);
    assertThat(List.of(item.length(0), item.length(1), item.length(2), item.length(3)))
        .containsExactly(2, 1, 1, 2);
  }

  @Test
  void differentContextsHaveNoAccNorm() {
    var item = new Item("1", List.of(new TextRequest("a", " x"), new TextRequest("b", " x")), 0);
    var result = run(Task.Metric.ACC, item);
    assertThat(result.accNorm()).isEmpty();
    assertThat(result.answers().get(0).json(0).path("acc_norm").isNull()).isTrue();
  }

  /** Right 1 of 4: the deviations from 0.25 are 0.75 and three times -0.25. */
  @Test
  void theStandardErrorIsTheSamplesOverTheRootOfTheCount() {
    double squares = 0.75 * 0.75 + 3 * 0.25 * 0.25;
    assertThat(new Share(1, 4).standardError())
        .isCloseTo(Math.sqrt(squares / 3) / 2, within(1e-12));
    assertThat(new Share(1, 1).standardError()).isZero();
  }

  @Test
  void aModelThatIsNotANumberIsRefused() {
    var broken =
        new Evaluation(
            tokenizer,
            Protocol.JOINT,
            (requests, done) -> requests.stream().map(r -> new Score(Double.NaN, false)).toList(),
            Progress.silent());
    var items = new Items(List.of(Item.sharing("c", "q7", List.of("a", "b"), 0)), new TreeMap<>());
    assertThatThrownBy(() -> broken.run(Task.named("piqa").orElseThrow(), items))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "task piqa, question q7: the model's log-likelihood is NaN;"
                + " its weights are not all finite numbers");
  }

  @Test
  void theResultNamesItsProtocolAndKeepsTheReadersKeys() {
    var task = run(Task.Metric.ACC, Item.sharing("c", "1", List.of("long one", "x"), 1));
    var result = new EvaluationResult("m0", "t0", Protocol.JOINT, 1, List.of(task));
    var json = result.json();
    assertThat(json.at("/results/own/acc,none").doubleValue()).isEqualTo(1.0);
    assertThat(json.at("/config/protocol").textValue()).isEqualTo("joint");
    assertThat(json.at("/config/model_hash").textValue()).isEqualTo("m0");
    assertThat(json.at("/n-samples/own/effective").intValue()).isEqualTo(1);
    assertThat(result.table()).contains("joint tokenisation", "own", "100.00 ± 0.00");
  }
}
