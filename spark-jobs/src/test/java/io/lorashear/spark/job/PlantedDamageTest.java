package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.corpus.LossDeviation;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.reference.ReferenceData;
import io.lorashear.spark.LocalSpark;
import io.lorashear.statistics.Bootstrap;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * A model that knows children's stories and nothing else is damaged. Stories are what it can lose,
 * so stories are what the next subset has most of.
 */
@Tag("reference")
class PlantedDamageTest {
  private static final int DOCUMENTS = 60;

  @TempDir Path folder;

  @Test
  void theSourceThatTheModelKnewGetsTheLargestShare() throws IOException {
    assertThat(LocalSpark.session().sparkContext().isStopped()).isFalse();
    var model = ReferenceData.path("reference/stories260K-hf");
    damaged(model, folder.resolve("pruned"));
    write("stories", stories());
    write("sums", IntStream.range(0, DOCUMENTS).mapToObj(PlantedDamageTest::sums).toList());
    run(
        new IngestJob(),
        """
        sources:
          - {corpus: other, name: stories, paths: [FOLDER/stories.jsonl]}
          - {corpus: other, name: sums, paths: [FOLDER/sums.jsonl]}
        tokenizer: MODEL
        output: FOLDER/documents
        cleaning: {paragraphTokens: 0}
        """);
    run(
        new TokenizeJob(),
        """
        documents: FOLDER/documents
        tokenizer: MODEL
        output: FOLDER/corpus
        sequenceLength: 128
        validation: {share: 0.3}
        """);
    losses("dense", "MODEL");
    losses("pruned", "FOLDER/pruned");
    run(
        new ResampleJob(),
        """
        corpus: FOLDER/corpus
        dense: FOLDER/loss-dense
        pruned: FOLDER/loss-pruned
        output: FOLDER/subset
        tokens: 2560
        """);
    var lost = LossDeviation.of(report("dense"), report("pruned")).bySource(Bootstrap.USUAL);
    assertThat(lost.get(0).name()).isEqualTo("stories");
    assertThat(lost.get(0).interval().low()).isGreaterThan(lost.get(1).interval().high());
    var groups = SubsetManifest.read(folder.resolve("subset")).groups();
    assertThat(groups.get(0).weight()).isGreaterThan(0.6);
    assertThat(groups.get(0).sequences()).isGreaterThan(groups.get(1).sequences());
    assertThat(groups.get(1).weight()).isGreaterThanOrEqualTo(0.075);
  }

  private LossReport report(String name) {
    return LossReport.read(folder.resolve("loss-" + name));
  }

  private void losses(String name, String checkpoint) throws IOException {
    run(
        new PerplexityJob(),
        """
        corpus: FOLDER/corpus
        checkpoint: CHECKPOINT
        output: FOLDER/loss-NAME
        rows: 16
        device: cpu
        """
            .replace("CHECKPOINT", checkpoint)
            .replace("NAME", name));
  }

  /** Every matrix with noise of a third of its weights' size. */
  private static void damaged(Path model, Path target) {
    var random = new Random(5);
    try (var checkpoint = Checkpoint.open(model)) {
      var tensors = new InMemoryTensors();
      for (var info : checkpoint.tensors().tensors().values()) {
        float[] values = checkpoint.tensors().floats(info.name());
        for (int i = 0; i < values.length && info.shape().length == 2; i++) {
          values[i] *= (float) (1 + 0.33 * random.nextGaussian());
        }
        tensors.put(info.name(), values, info.shape());
      }
      CheckpointWriter.write(target, checkpoint.config(), tensors, List.of());
    }
  }

  private static List<String> stories() throws IOException {
    var file = ReferenceData.path("data/tinystories/tinystories_sample.txt.gz");
    try (var lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      return lines.lines().filter(line -> line.length() > 200).limit(DOCUMENTS).toList();
    }
  }

  private static String sums(int document) {
    var random = new Random(document);
    var text = new StringBuilder("Table " + document + ":");
    for (int i = 0; i < 30; i++) {
      int a = random.nextInt(900);
      int b = random.nextInt(900);
      text.append(" %d + %d = %d;".formatted(a, b, a + b));
    }
    return text.toString();
  }

  private void write(String name, List<String> texts) throws IOException {
    var lines =
        texts.stream()
            .map(text -> JsonNodeFactory.instance.objectNode().put("text", text).toString())
            .toList();
    Files.write(folder.resolve(name + ".jsonl"), lines);
  }

  private void run(SparkCommand<?> command, String settings) throws IOException {
    var placed =
        settings
            .replace("FOLDER", folder.toString())
            .replace("MODEL", ReferenceData.path("reference/stories260K-hf").toString());
    var config = Files.writeString(folder.resolve("settings.yaml"), placed);
    assertThat(new CommandLine(command).execute("--config", config.toString())).isZero();
  }
}
