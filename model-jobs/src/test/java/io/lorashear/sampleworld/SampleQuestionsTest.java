package io.lorashear.sampleworld;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instructions and multiple-choice questions of the sample world. */
class SampleQuestionsTest {
  @TempDir static Path folder;
  static SampleFiles sample = new SampleFiles(Path.of(""));

  @BeforeAll
  static void write() {
    SampleWorld.write(folder.resolve("world"), 3, 60);
    sample = new SampleFiles(folder.resolve("world"));
  }

  @Test
  void instructionsAreUniqueButForThePlantedOnes() throws IOException {
    var records = sample.alpaca();
    var planted = new HashSet<Integer>();
    for (var plant : sample.planted("alpaca")) {
      var record = records.get(plant.get("record").asInt());
      planted.add(plant.get("record").asInt());
      switch (plant.get("kind").asText()) {
        case "exact-duplicate" ->
            assertThat(record).isEqualTo(records.get(plant.at("/of/record").asInt()));
        case "no-output" -> assertThat(record.get("output").asText()).isBlank();
        case "missing-field" -> assertThat(record.has("output")).isFalse();
        case "placeholder" -> assertThat(record.get("input").asText()).isEqualTo("<noinput>");
        default ->
            assertThat(plant.get("removed"))
                .allMatch(piece -> record.get("instruction").asText().contains(piece.asText()));
      }
    }
    var ordinary = new HashSet<JsonNode>();
    for (var i = 0; i < records.size(); i++) {
      assertThat(planted.contains(i) || ordinary.add(records.get(i))).isTrue();
    }
    assertThat(ordinary)
        .anyMatch(record -> record.get("input").asText().isEmpty())
        .anyMatch(record -> !record.get("input").asText().isEmpty());
  }

  @Test
  void everyAnswerIsTrueAndEveryOtherChoiceFalse() throws IOException {
    var facts = new HashMap<String, Map<String, String>>();
    for (var fact : sample.truth().get("facts")) {
      facts
          .computeIfAbsent(fact.get("subject").asText(), s -> new HashMap<>())
          .put(fact.get("relation").asText(), fact.get("value").asText());
    }
    var number = 0;
    var cloze = sample.jsonLines("benchmarks/world-cloze.jsonl");
    for (var item : sample.jsonLines("benchmarks/world.jsonl")) {
      var fact = sample.truth().get("facts").get(number);
      assertThat(item.get("id").asText()).isEqualTo("world-%04d".formatted(number));
      assertThat(item.get("context").asText())
          .startsWith("Question: ")
          .endsWith("?\nAnswer:")
          .contains(fact.get("subject").asText());
      var choices = new ArrayList<String>();
      item.get("choices").forEach(choice -> choices.add(choice.asText()));
      assertThat(Set.copyOf(choices)).hasSize(4);
      var values =
          facts.values().stream().map(all -> all.get(fact.get("relation").asText())).toList();
      assertThat(values).containsAnyElementsOf(choices);
      assertThat(choices.get(item.get("answer").asInt())).isEqualTo(fact.get("value").asText());
      assertThat(cloze.get(number).get("answer")).isEqualTo(item.get("answer"));
      assertThat(cloze.get(number).get("choices").get(item.get("answer").asInt()).asText())
          .endsWith(fact.get("value").asText());
      number++;
    }
    assertThat(number).isEqualTo(cloze.size()).isGreaterThanOrEqualTo(200);
  }

  @Test
  void questionsStandInNoDocumentButThePlantedOnes() throws IOException {
    var asked =
        sample.jsonLines("benchmarks/world.jsonl").stream()
            .map(
                item ->
                    item.get("context")
                        .asText()
                        .substring("Question: ".length())
                        .replace("\nAnswer:", ""))
            .toList();
    var leaks = new HashSet<String>();
    sample.planted("openwebtext").stream()
        .filter(plant -> plant.has("question"))
        .forEach(plant -> leaks.add(SampleFiles.key(plant)));
    sample
        .webPages()
        .forEach(
            (name, bytes) -> {
              var text = new String(bytes, StandardCharsets.UTF_8);
              assertThat(asked.stream().anyMatch(text::contains)).isEqualTo(leaks.contains(name));
            });
    assertThat(leaks).hasSize(4);
  }
}
