package io.lorashear.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.evaluate.FewShotSettings.Draw;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Against what lm-evaluation-harness 0.4.9.1's ContextSampler and CPython 3.11 gave. */
class FewShotTest {

  @Test
  void drawsAreCPythons() {
    var random = new PythonRandom(1234);
    assertThat(random.sample(1000, 5)).containsExactly(989, 796, 451, 119, 7);
    assertThat(random.sample(1000, 5)).containsExactly(92, 932, 965, 961, 826);
    var small = new PythonRandom(1234);
    assertThat(small.sample(10, 3)).containsExactly(7, 1, 0);
    assertThat(small.sample(10, 3)).containsExactly(1, 0, 9);
    var many = new PythonRandom(42);
    assertThat(many.sample(70, 6)).containsExactly(14, 3, 35, 31, 28, 17);
    assertThat(many.sample(70, 6)).containsExactly(13, 11, 54, 4, 3, 68);
    assertThat(new PythonRandom(-5).sample(30, 4)).containsExactly(19, 8, 23, 11);
  }

  @Test
  void aTaskWithATestSplitDrawsAsManyAsItShows() {
    assertThat(contexts(task(false), 30, 100, 3, 2))
        .containsExactly(
            "q24 a24\n\nq14 a14\n\nq100", "q3 b3\n\nq0 a0\n\nq101", "q2 a2\n\nq29 b29\n\nq102");
  }

  @Test
  void aTaskWithoutOneDrawsOneMore() {
    assertThat(contexts(task(true), 30, 100, 3, 2))
        .containsExactly(
            "q24 a24\n\nq14 a14\n\nq100", "q0 a0\n\nq2 a2\n\nq101", "q25 b25\n\nq18 a18\n\nq102");
  }

  @Test
  void aQuestionIsNotItsOwnExample() {
    assertThat(contexts(task(true), 6, 0, 4, 3))
        .containsExactly(
            "q3 b3\n\nq4 a4\n\nq5 b5\n\nq0",
            "q4 a4\n\nq0 a0\n\nq5 b5\n\nq1",
            "q1 b1\n\nq0 a0\n\nq3 b3\n\nq2",
            "q0 a0\n\nq2 a2\n\nq4 a4\n\nq3");
  }

  @Test
  void theFirstOfTheFileMayStandBeforeEveryQuestion() {
    var settings = new FewShotSettings(2, Draw.FIRST, 0, Map.of());
    var asked = new FewShot(settings).before(items(1, 2), task(true), items(0, 5)).items();
    assertThat(asked)
        .extracting(item -> item.requests().get(0).context())
        .containsExactly("q0 a0\n\nq2 a2\n\nq1", "q0 a0\n\nq1 b1\n\nq2");
  }

  /** WinoGrande's contexts hold the choice; the example shows the right one. */
  @Test
  void whereContextsDifferTheExampleIsTheRightSentence() {
    var examples =
        new Items(
            List.of(
                new Item(
                    "1",
                    List.of(new TextRequest("A cup", " fell."), new TextRequest("A bag", " fell.")),
                    1)),
            new TreeMap<>(Map.of("no _ in the sentence", 3)));
    var settings = new FewShotSettings(1, Draw.FIRST, 0, Map.of());
    var asked = new FewShot(settings).before(items(7, 1), task(true), examples);
    assertThat(asked.items().get(0).requests())
        .containsExactly(
            new TextRequest("A bag fell.\n\nq7", " a7"),
            new TextRequest("A bag fell.\n\nq7", " b7"));
    assertThat(asked.dropped()).containsEntry("example: no _ in the sentence", 3);
  }

  @Test
  void aMissingTrainingFileSaysWhatElseMayBeNamed() {
    var settings = new FewShotSettings(1, Draw.SAMPLE, 0, Map.of());
    assertThatThrownBy(
            () -> Task.named("piqa").orElseThrow().examples(Path.of("nowhere"), settings))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "task piqa: nowhere has none of piqa/train.jsonl, physicaliqa-train-dev/train.jsonl;"
                + " get it from https://yonatanbisk.com/piqa, or name another file under"
                + " fewShot.examples.piqa");
  }

  @Test
  void tooFewExamplesAreTold() {
    assertThatThrownBy(() -> contexts(task(true), 3, 100, 1, 3))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "task t: 4 examples are to be drawn, but there are 3: lower fewShot.count, or name a"
                + " larger file under fewShot.examples");
  }

  private static List<String> contexts(Task task, int pool, int from, int count, int shots) {
    var settings = new FewShotSettings(shots, Draw.SAMPLE, 1234, Map.of());
    return new FewShot(settings)
        .before(items(from, count), task, items(0, pool)).items().stream()
            .map(item -> item.requests().get(0).context())
            .toList();
  }

  private static Task task(boolean spare) {
    return new Task(
        "t",
        Task.Metric.ACC,
        List.of(),
        new Task.Examples(List.of(), spare),
        "",
        file -> items(0, 0));
  }

  private static Items items(int from, int count) {
    var items =
        IntStream.range(from, from + count)
            .mapToObj(n -> Item.sharing("q" + n, "" + n, List.of("a" + n, "b" + n), n % 2))
            .toList();
    return new Items(items, new TreeMap<>());
  }
}
