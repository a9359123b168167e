package io.lorashear.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.reference.ReferenceData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The published files against the requests that other evaluators make of them. */
@Tag("reference")
class OfficialItemsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "boolq, 3270, 2",
    "piqa, 1838, 2",
    "hellaswag, 10042, 4",
    "winogrande, 1267, 2",
    "arc_easy, 2376, 5",
    "arc_challenge, 1172, 5",
    "openbookqa, 500, 4"
  })
  void everyOfficialItemBecomesRequests(String task, int count, int mostChoices) {
    var items = read(task);
    assertThat(items.items()).hasSize(count);
    assertThat(items.dropped()).isEmpty();
    assertThat(items.items().stream().mapToInt(item -> item.requests().size()).max())
        .hasValue(mostChoices);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "boolq",
        "piqa",
        "hellaswag",
        "winogrande",
        "arc_easy",
        "arc_challenge",
        "openbookqa"
      })
  void theFirstFiftyAreTheReferenceEvaluators(String task) throws IOException {
    var expected = ReferenceTask.read(task).items();
    var items = read(task).items();
    for (int i = 0; i < expected.size(); i++) {
      assertThat(items.get(i).requests()).isEqualTo(ReferenceTask.requests(expected.get(i)));
      assertThat(items.get(i).answer()).isEqualTo(expected.get(i).path("gold").intValue());
    }
  }

  /** Zero-shot requests of a second evaluator; in BoolQ it puts yes before no. */
  @ParameterizedTest
  @ValueSource(strings = {"boolq", "winogrande"})
  void allZeroShotRequestsEqualTheSecondEvaluators(String task) {
    var theirs = secondEvaluator(task + "-rc_0shot");
    var items = read(task).items();
    assertThat(theirs).hasSize(items.size());
    for (int i = 0; i < items.size(); i++) {
      assertThat(items.get(i).requests())
          .containsExactlyInAnyOrderElementsOf(
              theirs.get(i).stream().map(OfficialItemsTest::request).toList());
    }
  }

  /** PIQA's problem it calls a goal; all else is the same. */
  @Test
  void allPiqaRequestsEqualTheSecondEvaluatorsButForOneWord() {
    var theirs = secondEvaluator("piqa-rc_0shot");
    var items = read("piqa").items();
    assertThat(theirs).hasSize(items.size());
    for (int i = 0; i < items.size(); i++) {
      assertThat(items.get(i).answer()).isEqualTo(theirs.get(i).get(0).path("label").intValue());
      var ours =
          items.get(i).requests().stream()
              .map(r -> new TextRequest(goal(r.context()), r.continuation()))
              .toList();
      assertThat(ours).isEqualTo(theirs.get(i).stream().map(OfficialItemsTest::request).toList());
    }
  }

  private static String goal(String context) {
    return context.replaceFirst("^Question: ", "Goal: ");
  }

  /** Its ARC prompts have five examples in front; the question is what its "query" holds. */
  @ParameterizedTest
  @CsvSource({"arc_easy", "arc_challenge"})
  void allArcQuestionsEqualTheSecondEvaluators(String task) {
    var theirs = secondEvaluator(task + "-test_rc_5shot");
    var items = read(task).items();
    for (int i = 0; i < items.size(); i++) {
      JsonNode doc = theirs.get(i).get(0).path("doc");
      var choices = new ArrayList<String>();
      doc.path("choices").forEach(choice -> choices.add(choice.textValue()));
      assertThat(items.get(i))
          .isEqualTo(
              Item.sharing(
                  doc.path("query").textValue(),
                  doc.path("id").textValue(),
                  choices,
                  doc.path("gold").intValue()));
    }
  }

  /**
   * Its five examples, read off its first prompt and given as a file, before every question: all
   * prompts are its own. OpenBookQA it asks with "Question:", which a task file can say.
   */
  @ParameterizedTest
  @CsvSource({"arc_easy", "arc_challenge", "openbookqa"})
  void allFiveShotRequestsEqualTheSecondEvaluators(String name) throws IOException {
    var theirs = secondEvaluator(name + "-test_rc_5shot");
    var first = request(theirs.get(0).get(0)).context();
    var lines = new ArrayList<String>();
    for (String example : first.split("\n\n", -1)) {
      var parts = example.split("\nAnswer:", -1);
      var line = new ObjectMapper().createObjectNode().put("answerKey", "A");
      var question = line.putObject("question").put("stem", parts[0].replace("Question: ", ""));
      var choices = question.putArray("choices");
      choices.addObject().put("label", "A").put("text", parts[1].strip());
      choices.addObject().put("label", "B").put("text", "other");
      lines.add(line.toString());
    }
    Path examples = Files.write(folder.resolve(name + ".jsonl"), lines.subList(0, 5));
    var task = name.equals("openbookqa") ? asQuestion() : Task.named(name).orElseThrow();
    var settings =
        new FewShotSettings(5, FewShotSettings.Draw.FIRST, 0, Map.of(task.name(), examples));
    var shown = task.examples(benchmarks(), settings);
    var items = new FewShot(settings).before(task.read(benchmarks()), task, shown).items();
    assertThat(items).hasSameSizeAs(theirs);
    for (int i = 0; i < items.size(); i++) {
      assertThat(items.get(i).requests())
          .isEqualTo(theirs.get(i).stream().map(OfficialItemsTest::request).toList());
    }
  }

  private Task asQuestion() throws IOException {
    var yaml =
        """
        name: openbookqa_as_question
        files: [openbookqa/test.jsonl]
        context: "Question: {question.stem}\\nAnswer:"
        choices: ["{question.choices.*.text}"]
        labels: ["{question.choices.*.label}"]
        answer: "{answerKey}"
        """;
    return TaskFile.read(Files.writeString(folder.resolve("task.yaml"), yaml));
  }

  /** The two lines of the original form that are left give what the text form gives. */
  @Test
  void hellaswagsOriginalFormAgreesWithTheTextFormButForTheCapital() {
    var original =
        HellaSwag.read(benchmarks().resolve("hellaswag/hellaswag_val.head2.jsonl")).items();
    var text = read("hellaswag").items();
    for (int i = 0; i < original.size(); i++) {
      assertThat(original.get(i).answer()).isEqualTo(text.get(i).answer());
      for (int choice = 0; choice < 4; choice++) {
        var ours = original.get(i).requests().get(choice);
        var theirs = text.get(i).requests().get(choice);
        assertThat(ours.continuation()).isEqualTo(theirs.continuation());
        assertThat(ours.context()).isEqualToIgnoringCase(theirs.context());
      }
    }
    assertThat(original.get(0).requests().get(0).context())
        .isEqualTo("Roof shingle removal: A man is sitting on a roof. He");
  }

  private static Items read(String task) {
    return Task.named(task).orElseThrow().read(benchmarks());
  }

  private static Path benchmarks() {
    return ReferenceData.path("data/benchmarks");
  }

  private static TextRequest request(JsonNode line) {
    var request = line.path("request");
    return new TextRequest(
        request.path("context").textValue(), request.path("continuation").textValue());
  }

  /** Requests by item; items from a million on are asked without context and left out here. */
  private static List<List<JsonNode>> secondEvaluator(String name) {
    var byItem = new LinkedHashMap<Integer, List<JsonNode>>();
    for (String text : TextLines.of(benchmarks().resolve("requests-olmo/" + name + ".jsonl.gz"))) {
      JsonNode line = json(text);
      int item = line.path("doc_id").intValue();
      if (item < 1_000_000) {
        byItem.computeIfAbsent(item, i -> new ArrayList<>()).add(line);
      }
    }
    return byItem.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(Map.Entry::getValue)
        .toList();
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
