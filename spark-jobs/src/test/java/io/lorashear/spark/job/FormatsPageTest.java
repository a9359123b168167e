package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.metrics.Invocation;
import io.lorashear.sampleworld.SampleWorld;
import io.lorashear.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/formats.md names every file and every field that commands publish, and no other. */
@Tag("long")
class FormatsPageTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String LINE =
      """
      model: %1$s/model
      work: %1$s/line
      ingest:
        sources:
          - {corpus: wikipedia, paths: [%1$s/sample/wikipedia]}
          - {corpus: gutenberg, paths: [%1$s/sample/gutenberg]}
          - {corpus: alpaca, paths: [%1$s/sample/alpaca]}
        cleaning: {paragraphTokens: 16}
        decontamination: {choices: {world: %1$s/sample/benchmarks/world.jsonl}}
      tokenize: {sequenceLength: 128, validation: {share: 0.2}}
      analyze: {profile: {ratios: [0.5], rows: 1}}
      prune:
        ratio: 0.05
        rows: 8
        lhspg: {warmupSteps: 2, periods: 2, stepsPerPeriod: 2, coolDownSteps: 2}
        train: {rows: 2}
      perplexity: {rows: 4, batchRows: 2}
      resample: {tokens: 2560, by: bucket, buckets: 2}
      teacherTop: 4
      ceiling: true
      recover: {validationRows: 2, train: {rows: 2}, distillation: {weight: 0.5}}
      instructSubset: {tokens: 1280}
      instruct: {validationRows: 2, outputType: bfloat16, train: {rows: 2}}
      evaluate:
        tasks: []
        choices: {world: %1$s/sample/benchmarks/world-cloze.jsonl}
        texts: {words: {file: %1$s/text, length: 64}}
        limit: 8
      """;

  /** Commands with their settings, in this order. */
  private static final List<Map.Entry<String, String>> OTHERS =
      List.of(
          Map.entry(
              "perplexity", "{checkpoint: %1$s/model, output: %1$s/tokens, rows: 2, tokens: true}"),
          Map.entry(
              "enlarge",
              """
              {documents: %1$s/line/documents, output: %1$s/enlarged,
               sources: [{name: notes, megabytes: 1}]}
              """),
          Map.entry("count", "{corpora: [%1$s/line/corpus], output: %1$s/counts}"),
          Map.entry(
              "retokenize",
              """
              {shards: %1$s/line/corpus, from: %1$s/model, tokenizer: %1$s/model,
               output: %1$s/again}
              """),
          Map.entry(
              "prune",
              """
              {checkpoint: %1$s/model, output: %1$s/fewer, method: magnitude, ratio: 0.1,
               unprunable: 0, rows: 4, vocabulary: {enabled: true, tokens: 0.01},
               compensation: {rows: 2, towards: dense}, reconstruction: {steps: 2, rows: 2}}
              """),
          Map.entry(
              "prune",
              """
              {checkpoint: %1$s/model, output: %1$s/allocated, method: magnitude, ratio: 0.05,
               unprunable: 0, rows: 2, allocation: {enabled: true, rows: 1, shares: [0.5]}}
              """),
          Map.entry("sparsify", "{checkpoint: %1$s/model, output: %1$s/sparse, rows: 2}"),
          Map.entry(
              "recover",
              """
              {checkpoint: %1$s/sparse, output: %1$s/healed, rows: 2, validationRows: 2,
               average: 0.5}
              """),
          Map.entry(
              "lora",
              """
              {checkpoint: %1$s/model, output: %1$s/adapter, merge: true, outputType: bfloat16,
               rows: 4, steps: 4, validationRows: 2, lora: {rank: 2},
               prunedLora: {startRank: 4, every: 2}}
              """),
          Map.entry(
              "pretrain",
              """
              {output: %1$s/small, tokenizer: %1$s/sample/tokenizer.json, hidden: 16, layers: 1,
               heads: 2, keyValueHeads: 1, channels: 16, tokens: 2560}
              """));

  private static final String CONTEST =
      """
      model: %1$s/model
      corpus: %1$s/line/corpus
      work: %1$s/contest
      against: magnitude
      methods: {magnitude: [method=magnitude], flap: [method=flap]}
      ratios: [0.05, 0.5]
      seeds: [1, 2]
      recovery: none
      heldOutRows: 4
      prune: {rows: 2}
      evaluate: {tasks: [], choices: {world: %1$s/sample/benchmarks/world-cloze.jsonl}, limit: 8}
      """;

  private static final String SCHEDULE =
      """
      model: %1$s/model
      pruned: %1$s/line/pruned
      work: %1$s/schedule
      recovery: false
      ingest: {sources: [{corpus: bookcorpus, paths: [%1$s/sample/bookcorpus]}]}
      tokenize: {sequenceLength: 128, validation: {share: 0.2}}
      perplexity: {rows: 2}
      resample: {tokens: 1280}
      """;

  /**
   * Of runs at set times, of raw files that vanish, of equations that are badly conditioned, and of
   * what only an option asks for.
   */
  private static final Set<String> ELSEWHERE =
      Set.of(
          "history/NNNNNN.json scheduled",
          "history/NNNNNN.json gone[].source",
          "history/NNNNNN.json gone[].name",
          "history/NNNNNN.json gone[].sha256",
          "pruning.json run.rebuilt.damping[]",
          "NAME.tensorboard/…");

  /** What lies next to a published folder; other files there are this test's. */
  private static final Pattern NEXT_TO = Pattern.compile(".*\\.(run\\.json|metrics\\.jsonl)");

  @TempDir Path folder;

  private final FormatsPage page = FormatsPage.read(Pages.ROOT.resolve("docs/formats.md"));
  private final Set<FormatsPage.Field> met = new HashSet<>();
  private final Set<String> metFiles = new HashSet<>();
  private final Set<String> missing = new TreeSet<>();

  @Test
  void thePageHasEveryFieldOfEveryFileAndNoOther() throws IOException {
    publish();
    for (var file : files(folder)) {
      check(file);
    }
    assertThat(missing).as("published, but not in docs/formats.md").isEmpty();
    var gone = new TreeSet<String>();
    for (var part : page.parts()) {
      part.files()
          .forEach(
              (name, fields) -> {
                if (!metFiles.contains(name)) {
                  gone.add(name);
                }
                fields.stream()
                    .filter(field -> !met.contains(field))
                    .forEach(field -> gone.add(name + " " + field.path()));
              });
    }
    assertThat(gone).as("in docs/formats.md, but not published").isEqualTo(ELSEWHERE);
  }

  private void publish() throws IOException {
    var runs = new Runs(folder);
    var sample = folder.resolve("sample");
    SampleWorld.write(sample, 1, 60);
    runs.model(sample);
    Files.writeString(folder.resolve("text"), "Freya lives in a town by the river.\n".repeat(9));
    var line = List.of("run", yaml("run", LINE), "--device", "cpu");
    Invocation.of(line).record();
    runs.undisturbed("run", line);
    var corpus = "corpus=" + folder.resolve("line/corpus");
    for (var other : OTHERS) {
      var name = other.getKey();
      var words = new ArrayList<>(List.of(name, "--config", yaml(name, other.getValue())));
      if (!other.getValue().contains("line/corpus") && !name.equals("enlarge")) {
        words.addAll(List.of("--set", corpus));
      }
      runs.undisturbed(name, words);
    }
    runs.undisturbed("contest", List.of("contest", yaml("contest", CONTEST)));
    runs.undisturbed("schedule", List.of("schedule", yaml("schedule", SCHEDULE), "--once"));
  }

  private String yaml(String name, String settings) throws IOException {
    return Files.writeString(folder.resolve(name + ".yaml"), settings.formatted(folder)).toString();
  }

  private List<Path> files(Path root) throws IOException {
    try (var all = Files.walk(root)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.startsWith(folder.resolve("model")))
          .filter(
              file ->
                  !file.getParent().equals(folder) || NEXT_TO.matcher(file.toString()).matches())
          .sorted()
          .toList();
    }
  }

  private void check(Path file) throws IOException {
    var owner = file.getParent();
    while (!owner.equals(folder) && !Files.exists(owner.resolve("manifest.json"))) {
      owner = owner.getParent();
    }
    var place = folder.relativize(file);
    var parts = new ArrayList<>(page.parts());
    var names =
        IntStream.range(0, place.getNameCount())
            .mapToObj(i -> place.subpath(i, place.getNameCount()).toString())
            .toList();
    if (!owner.equals(folder)) {
      var manifest = JSON.readTree(owner.resolve("manifest.json").toFile());
      var stage = manifest.path("stage").asText();
      parts.removeIf(part -> !part.of(stage, manifest.path("kind").asText()));
      parts.add(page.parts().get(0)); // what every folder has
      names = List.of(owner.relativize(file).toString());
    }
    var found = new ArrayList<Map.Entry<String, List<FormatsPage.Field>>>();
    for (var part : parts) {
      names.forEach(name -> found.addAll(part.file(name)));
    }
    if (found.isEmpty()) {
      missing.add(place.toString());
    } else {
      found.forEach(entry -> metFiles.add(entry.getKey()));
      var fields = found.stream().flatMap(entry -> entry.getValue().stream()).toList();
      fields(place.toString(), file, fields);
    }
  }

  private void fields(String place, Path file, List<FormatsPage.Field> fields) throws IOException {
    if (fields.isEmpty()) {
      return; // a file of another program's form
    }
    if (place.endsWith(".parquet")) {
      for (var column : LocalSpark.session().read().parquet(file.toString()).schema().fields()) {
        var type = type(column.dataType().catalogString());
        var own = fields.stream().filter(field -> field.path().equals(column.name())).toList();
        met.addAll(own);
        if (own.stream().noneMatch(field -> field.type().split(",")[0].equals(type))) {
          missing.add(place + " " + column.name() + " of type " + type);
        }
      }
      return;
    }
    for (var value :
        place.endsWith(".jsonl") ? lines(file) : List.of(JSON.readTree(file.toFile()))) {
      for (var found : FormatsPage.Value.of(value)) {
        var own = fields.stream().filter(field -> field.matches(found)).toList();
        met.addAll(own);
        if (own.isEmpty() && fields.stream().noneMatch(field -> field.liesIn(found))) {
          missing.add(place + " " + String.join(".", found.steps()));
        }
      }
    }
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    var lines = new ArrayList<JsonNode>();
    for (var line : Files.readAllLines(file)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private static String type(String spark) {
    return spark
        .replaceFirst("^array<(.*)>$", "list of $1")
        .replace("list of int", "list of int32")
        .replace("tinyint", "int8")
        .replace("list of float", "list of float32")
        .replace("bigint", "long");
  }
}
