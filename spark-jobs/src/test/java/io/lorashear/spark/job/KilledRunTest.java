package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.sampleworld.SampleWorld;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A line that is killed without a warning, at a Spark stage and in the midst of training. */
@Tag("long")
class KilledRunTest {
  private static final String SETTINGS =
      """
      model: %1$s/model
      work: work
      ingest:
        sources:
          - {corpus: wikipedia, paths: [%1$s/sample/wikipedia]}
          - {corpus: openwebtext, paths: [%1$s/sample/openwebtext]}
          - {corpus: gutenberg, paths: [%1$s/sample/gutenberg]}
          - {corpus: bookcorpus, paths: [%1$s/sample/bookcorpus]}
          - {corpus: alpaca, paths: [%1$s/sample/alpaca]}
        cleaning: {paragraphTokens: 16}
      tokenize: {sequenceLength: 128, validation: {share: 0.2}}
      analyze: {profile: {ratios: [0.5], rows: 1}}
      prune:
        ratio: 0.05
        rows: 32
        lhspg: {warmupSteps: 20, periods: 5, stepsPerPeriod: 20, coolDownSteps: 20}
        train: {rows: 2, saveEvery: 5}
      perplexity: {rows: 4, batchRows: 2}
      resample: {tokens: 12800, by: bucket, buckets: 2}
      teacherTop: 4
      ceiling: true
      recover:
        validationRows: 2
        train: {rows: 2, saveEvery: 5}
        distillation: {weight: 0.5}
      instructSubset: {tokens: 1280}
      instruct: {validationRows: 2, train: {rows: 2, saveEvery: 5}}
      evaluate: {tasks: [], choices: {world: %1$s/sample/benchmarks/world-cloze.jsonl}, limit: 8}
      """;

  @TempDir Path folder;

  @Test
  void itEndsWithTheBytesOfAnUndisturbedRun() throws Exception {
    var runs = new Runs(folder);
    var sample = folder.resolve("sample");
    SampleWorld.write(sample, 1, 60);
    Files.writeString(folder.resolve("line.yaml"), SETTINGS.formatted(folder));
    runs.model(sample);

    runs.undisturbed("undisturbed", line("undisturbed"));
    var line = line("killed");
    runs.killed("killed", line, ".documents.unfinished", "documents");
    runs.killed("killed", line, ".pruned.scratch-*/training/step-*", "pruned");
    runs.killed(
        "killed", line, "teachers/.round-0.unfinished-*/teacher/part-*", "teachers/round-0");
    runs.ended("killed", line, "recovered/.round-0.scratch-*/training/step-*");
    runs.killed(
        "killed", line, "recovered/.round-1.scratch-*/training/step-*", "recovered/round-1");
    runs.undisturbed("killed", line);

    assertThat(runs.bytes("killed")).isEqualTo(runs.bytes("undisturbed")).hasSizeGreaterThan(40);
  }

  private List<String> line(String work) {
    var settings = folder.resolve("line.yaml").toString();
    return List.of("run", settings, "--set", "work=" + folder.resolve(work), "--device", "cpu");
  }
}
