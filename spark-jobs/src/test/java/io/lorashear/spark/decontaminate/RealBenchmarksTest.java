package io.lorashear.spark.decontaminate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorashear.reference.ReferenceData;
import io.lorashear.spark.overlap.Words;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The published questions are found where their raw text stands, and nowhere in clean stories. */
@Tag("reference")
class RealBenchmarksTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static Path benchmarks;
  private static Reference reference;

  @BeforeAll
  static void read() {
    benchmarks = ReferenceData.path("data/benchmarks");
    var usual = DecontaminationSettings.NONE;
    reference =
        Reference.read(
            new DecontaminationSettings(
                Optional.of(benchmarks), usual.tasks(), Map.of(), Map.of(), 13, 8, 0.1));
  }

  @Test
  void questionsAreFoundInTheirOwnWords() throws IOException {
    found("boolq", "boolq/dev.jsonl", json -> json.path("passage").asText());
    found("winogrande", "winogrande/dev.jsonl", json -> json.path("sentence").asText());
    for (var task :
        List.of(
            "arc_easy arc/ARC-Easy-Test",
            "arc_challenge arc/ARC-Challenge-Test",
            "openbookqa openbookqa/test")) {
      var names = List.of(task.split(" ", -1));
      found(names.get(0), names.get(1) + ".jsonl", RealBenchmarksTest::answered);
    }
  }

  private static String answered(JsonNode json) {
    for (var choice : json.path("question").path("choices")) {
      if (choice.path("label").equals(json.path("answerKey"))) {
        return json.path("question").path("stem").asText()
            + " Answer: "
            + choice.path("text").asText();
      }
    }
    throw new AssertionError(json.toString());
  }

  private static void found(String task, String file, Function<JsonNode, String> text)
      throws IOException {
    var count = 0;
    var found = 0;
    for (var line : Files.readAllLines(benchmarks.resolve(file))) {
      count++;
      found +=
          tasks("Somebody wrote: " + text.apply(JSON.readTree(line)) + " End.").contains(task)
              ? 1
              : 0;
    }
    assertThat(count - found).as(task).isLessThanOrEqualTo((int) reference.tooShort(task));
    assertThat(found).as(task).isGreaterThan(count * 4 / 5);
  }

  @Test
  void cleanStoriesAreNotFlagged() throws IOException {
    var stories = ReferenceData.path("data/tinystories/tinystories_sample.txt.gz");
    var flagged = new ArrayList<String>();
    try (var lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(stories)), StandardCharsets.UTF_8))) {
      lines.lines().filter(line -> !tasks(line).isEmpty()).forEach(flagged::add);
    }
    assertThat(flagged).isEmpty();
  }

  private static TreeSet<String> tasks(String text) {
    var tasks = new TreeSet<String>();
    reference.find(
        Words.of(text), (first, length, entry) -> tasks.add(reference.entry(entry).task()));
    return tasks;
  }
}
