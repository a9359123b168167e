package io.lorashear.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskFileTest {
  @TempDir Path folder;

  @Test
  void theShippedSciqIsTheReferenceEvaluators() throws IOException {
    write(
        "sciq/test.json",
        """
        [{"question": "What falls?", "distractor1": "up", "distractor2": "air", "distractor3": "fog",
          "correct_answer": "rain", "support": "Rain is wet."},
         {"question": "What floats?", "distractor1": "iron", "correct_answer": "wood"}]
        """);
    var items = TaskFile.read(conf("tasks/sciq.yaml")).read(folder);
    var context = "Rain is wet.\nQuestion: What falls?\nAnswer:";
    assertThat(items.items())
        .containsExactly(Item.sharing(context, "0", List.of("up", "air", "fog", "rain"), 3));
    assertThat(items.dropped()).isEqualTo(Map.of("no text under \"support\"", 1));
  }

  @Test
  void theShippedCommonsenseQaAnswersWithLetters() throws IOException {
    write(
        "commonsense_qa/dev_rand_split.jsonl",
        """
        {"answerKey": "C", "id": "c1", "question": {"stem": "Where is milk?", "choices": [\
        {"label": "A", "text": "car"}, {"label": "B", "text": "sky"}, {"label": "C", "text": "cow"}, \
        {"label": "D", "text": "sea"}, {"label": "E", "text": "sun"}]}}
        """);
    var task = TaskFile.read(conf("tasks/commonsense_qa.yaml"));
    var item = task.read(folder).items().get(0);
    assertThat(item)
        .isEqualTo(
            Item.sharing(
                "Question: Where is milk?\nA. car\nB. sky\nC. cow\nD. sea\nE. sun\nAnswer:",
                "c1",
                List.of("A", "B", "C", "D", "E"),
                2));
    assertThat(task.examples().spare()).isFalse();
  }

  @Test
  void aStarMakesOneChoiceOfEveryElement() throws IOException {
    write(
        "own.jsonl",
        """
        {"id": 7, "ask": "1 {+} 1", "options": [2, 3.5, true], "right": "3.5"}
        {"ask": "x", "options": [], "right": "2"}
        {"ask": ["x"], "options": ["a", "b"], "right": "a"}
        {"ask": "x", "options": ["a", "b"], "right": "c"}
        """);
    Path yaml =
        write(
            "own.yaml",
            """
            name: own
            files: [own.jsonl]
            context: "{ask} = {?}"
            choices: ["{options.*}"]
            labels: ["{options.*}"]
            answer: "{right}"
            delimiter: ""
            metric: acc-norm
            """);
    var task = TaskFile.read(yaml);
    var items = task.read(folder);
    assertThat(items.items())
        .containsExactly(
            new Item(
                "7",
                List.of(
                    new TextRequest("1 {+} 1 = {?}", "2"),
                    new TextRequest("1 {+} 1 = {?}", "3.5"),
                    new TextRequest("1 {+} 1 = {?}", "true")),
                1));
    assertThat(items.dropped())
        .isEqualTo(
            Map.of(
                "no text under \"options.*\"", 1,
                "no text under \"ask\"", 1,
                "the answer is none of the choices", 1));
    assertThat(task.metric()).isEqualTo(Task.Metric.ACC_NORM);
    assertThat(task.examples()).isEqualTo(new Task.Examples(List.of("own.jsonl"), true));
  }

  @Test
  void whatIsWrongWithATaskFileIsToldTogether() throws IOException {
    Path yaml =
        write("bad.yaml", "name: boolq\nfiles: []\ncontext: x\nchoices: []\nanswer: \"0\"\n");
    assertThatThrownBy(() -> TaskFile.read(yaml))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("3 problems")
        .hasMessageContaining("name is boolq, as one of the seven tasks")
        .hasMessageContaining("files is empty: name a file below benchmarks")
        .hasMessageContaining("choices is empty: give at least one template");
  }

  @Test
  void everyShippedTaskBeginsWithItsCommandAndLoads() throws IOException {
    try (var files = Files.list(conf("tasks"))) {
      for (Path file : files.toList()) {
        var task = TaskFile.read(file);
        assertThat(file).hasFileName(task.name() + ".yaml");
        assertThat(Files.readAllLines(file).get(0))
            .isEqualTo(
                "# bin/lorashear evaluate --checkpoint models/SmolLM2-135M-Instruct.Q4_1.gguf --out"
                    + " runs/evaluate/%1$s --tasks conf/tasks/%1$s.yaml".formatted(task.name()));
      }
    }
    try (var files = Files.list(conf("evaluate"))) {
      for (Path file : files.toList()) {
        Settings.load(EvaluateSettings.class, file, List.of("output=o"));
      }
    }
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static Path conf(String name) {
    var here = Path.of("conf", name);
    return Files.exists(here) ? here : Path.of("..").resolve(here);
  }
}
