package io.lorashear.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.InputException;
import io.lorashear.run.Progress;
import io.lorashear.score.Request;
import io.lorashear.score.Score;
import io.lorashear.settings.Settings;
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
        new Task(
            "own",
            metric,
            List.of(),
            new Task.Examples(List.of(), false),
            "",
            file -> new Items(List.of(), new TreeMap<>()));
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
    assertThat(result.answers().get(0).json(0).has("acc_norm")).isFalse();
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
    var settings =
        Settings.defaults(
            EvaluateSettings.class,
            List.of("checkpoint=m", "output=o", "limit=1", "fewShot.count=3", "name=small/one"));
    var result = new EvaluationResult(settings, "m0", "t0", List.of(task), List.of());
    var json = result.json();
    assertThat(json.at("/results/own/acc,none").doubleValue()).isEqualTo(1.0);
    assertThat(json.at("/results/own").fieldNames())
        .toIterable()
        .containsExactly(
            "alias", "acc,none", "acc_stderr,none", "acc_norm,none", "acc_norm_stderr,none");
    assertThat(json.at("/n-shot/own").intValue()).isEqualTo(3);
    assertThat(json.at("/versions/own").isInt()).isTrue();
    assertThat(json.at("/higher_is_better/own/acc_norm").booleanValue()).isTrue();
    assertThat(json.at("/group_subtasks/own").isArray()).isTrue();
    assertThat(json.at("/configs/own/output_type").textValue()).isEqualTo("multiple_choice");
    assertThat(json.at("/config/limit").intValue()).isOne();
    assertThat(json.at("/model_name_sanitized").textValue()).isEqualTo("small__one");
    assertThat(json.at("/n-samples/own/original").intValue()).isEqualTo(1);
    assertThat(json.at("/config/protocol").textValue()).isEqualTo("joint");
    assertThat(json.at("/config/model_hash").textValue()).isEqualTo("m0");
    assertThat(json.at("/n-samples/own/effective").intValue()).isEqualTo(1);
    assertThat(result.table()).contains("3-shot", "joint tokenisation", "own", "100.00 ± 0.00");
  }

  @Test
  void theLogIsThatOfTheReferenceEvaluator() {
    var answer =
        run(Task.Metric.ACC, Item.sharing("c", "q1", List.of("long one", "x"), 1)).answers().get(0);
    var line = answer.json(4);
    assertThat(line.path("doc_id").intValue()).isEqualTo(4);
    assertThat(line.path("target").textValue()).isEqualTo("1");
    assertThat(line.at("/arguments/gen_args_0/arg_1").textValue()).isEqualTo(" long one");
    assertThat(line.at("/filtered_resps/1").toString()).isEqualTo("[\"-2.0\",\"False\"]");
    assertThat(line.at("/resps/1/0").toString()).isEqualTo("[\"-2.0\",\"False\"]");
    assertThat(line.path("metrics").toString()).isEqualTo("[\"acc\",\"acc_norm\"]");
  }
}
