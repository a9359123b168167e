package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.corpus.SubsetManifest;
import io.lorashear.sampleworld.SampleWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A schedule whose runs are killed without a warning, at a Spark stage and while they train. */
@Tag("long")
class KilledScheduleTest {
  private static final String SETTINGS =
      """
      model: %1$s/model
      pruned: %1$s/model
      work: %1$s/%2$s
      ingest:
        sources:
          - {corpus: openwebtext, paths: [%1$s/raw-%2$s]}
        cleaning: {paragraphTokens: 16}
      tokenize: {sequenceLength: 64, validation: {share: 0.2}}
      perplexity: {rows: 4}
      resample: {tokens: 2560}
      recover: {validationRows: 2, train: {rows: 2, saveEvery: 2}}
      """;

  @TempDir Path folder;

  /** Two rounds, between which text comes; killed at a Spark stage and while it trains. */
  @Test
  void aScheduleEndsWithTheBytesOfAnUndisturbedOne() throws Exception {
    SampleWorld.write(folder.resolve("sample"), 1, 40);
    SampleWorld.write(folder.resolve("more"), 2, 40);
    var runs = new Runs(folder);
    runs.model(folder.resolve("sample"));
    for (var work : List.of("undisturbed", "killed")) {
      Files.writeString(folder.resolve(work + ".yaml"), SETTINGS.formatted(folder, work));
      copy("sample", work);
    }
    runs.undisturbed("undisturbed", once("undisturbed"));
    copy("more", "undisturbed");
    runs.undisturbed("undisturbed", once("undisturbed"));

    runs.killed(
        "killed", once("killed"), "rounds/000000/.documents.unfinished", "rounds/000000/documents");
    runs.undisturbed("killed", once("killed"));
    copy("more", "killed");
    runs.killed(
        "killed",
        once("killed"),
        "rounds/000001/.model.scratch-*/training/step-*",
        "rounds/000001/model");
    runs.undisturbed("killed", once("killed"));

    assertThat(runs.log("killed"))
        .containsPattern("run 0 of process \\d+ on .* was killed: going on with its round 0")
        .containsPattern("run 2 of process \\d+ on .* was killed: going on with its round 1");
    var expected = runs.bytes("undisturbed");
    var found = runs.bytes("killed");
    expected.keySet().removeIf(name -> name.startsWith("history/"));
    found.keySet().removeIf(name -> name.startsWith("history/"));
    assertThat(found).isEqualTo(expected).hasSizeGreaterThan(30);
    var first = drawn("killed", 0);
    assertThat(first)
        .hasSize(40)
        .doesNotHaveDuplicates()
        .doesNotContainAnyElementsOf(drawn("killed", 1));
  }

  private List<String> drawn(String work, int round) {
    var subset = folder.resolve(work).resolve("rounds/%06d/subset".formatted(round));
    return SubsetManifest.read(subset).drawn().stream()
        .map(SubsetManifest.Drawn::sequence)
        .toList();
  }

  private void copy(String sample, String work) throws IOException {
    var raw = Files.createDirectories(folder.resolve("raw-" + work));
    try (var files = Files.list(folder.resolve(sample).resolve("openwebtext"))) {
      for (Path file : files.toList()) {
        Files.copy(file, raw.resolve(sample + "-" + file.getFileName()));
      }
    }
  }

  private List<String> once(String work) {
    var settings = folder.resolve(work + ".yaml").toString();
    return List.of("schedule", settings, "--once", "--device", "cpu");
  }
}
