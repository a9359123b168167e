package io.lorashear.spark.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.corpus.SubsetManifest.Drawn;
import io.lorashear.corpus.SubsetManifest.GroupDraw;
import io.lorashear.metrics.RunMetrics;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.recover.RecoverStage;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.settings.Overrides;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.perplexity.SmallCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dense model after the rounds of the pruned one. */
class CeilingTest {
  private record NoSettings() {}

  @TempDir Path folder;
  private final List<String> told = new ArrayList<>();
  private StageSettings placed;
  private List<Path> subsets = List.of();

  @BeforeEach
  void inputs() throws IOException {
    var work = folder.resolve("work");
    SmallCorpus.write(work.resolve("corpus"));
    var learner = "={validationRows: 2, lora: {rank: 2}, train: {rows: 1, learningRate: 1e-2}}";
    var overrides =
        List.of(
            "model=" + SmallCheckpoint.write(folder.resolve("dense"), 256, 1),
            "work=" + work,
            "recover" + learner,
            "instruct" + learner);
    var yaml = Path.of("../conf/pipeline/smollm2-135m.yaml");
    placed = StageSettings.of(new PipelineFile(yaml, Overrides.given(overrides)).load());
    subsets = List.of(subset("wikipedia", 0), subset("wikipedia", 1), subset("alpaca", 0));
  }

  /** The rows of one shard, the last one first. */
  private Path subset(String source, int shard) {
    var corpus = PublishedDirectory.open(placed.work().corpus()).hash();
    var path = "sequences/source=%s/split=train/part-%05d.parquet".formatted(source, shard);
    var drawn = new ArrayList<Drawn>();
    for (long row = 9; row >= 0; row--) {
      var name = "%s/train/%05d/%07d".formatted(source, shard, row);
      drawn.add(new Drawn(name, path, row, source));
    }
    var group = new GroupDraw(source, source, 0, 1, 1, "all of it", 10, 10, List.of());
    var subset =
        new SubsetManifest(corpus, "train", 1, shard, 40, "uniform", List.of(group), drawn);
    return Stage.of("resample", folder.resolve(source + shard), new NoSettings(), Ceiling.class)
        .run(subset::writeTo)
        .directory();
  }

  private Ceiling fresh() {
    var work = placed.work().root();
    var runs = new StageRuns("run", JsonFile.object(), new RunMetrics(work, "run"), told::add);
    var stages = new Stages(LocalSpark.session(), Device.cpu(), Progress.silent(), false, runs);
    return new Ceiling(placed.line(), placed, stages);
  }

  private Path ceiling() {
    return fresh().of(subsets.subList(0, 2), Optional.of(subsets.get(2)));
  }

  @Test
  void theDenseModelHasTheRoundsOfThePrunedOne() throws IOException {
    var last = ceiling();
    var work = placed.work();
    assertThat(last).isEqualTo(work.ceiling("instruct"));
    var dense = placed.line().model();
    var round = PublishedDirectory.open(work.ceiling("round-0"));
    assertThat(parent(round, "checkpoint")).isEqualTo(ContentHash.of(dense));
    assertThat(parent(round, "subset")).isEqualTo(ContentHash.of(subsets.get(0)));
    var next = PublishedDirectory.open(work.ceiling("round-1"));
    assertThat(parent(next, "checkpoint")).isEqualTo(round.hash());
    assertThat(parent(next, "subset")).isEqualTo(ContentHash.of(subsets.get(1)));
    var instructed = PublishedDirectory.open(last);
    assertThat(parent(instructed, "subset")).isEqualTo(ContentHash.of(subsets.get(2)));
    var report = JsonFile.read(instructed.file(RecoverStage.REPORT));
    assertThat(report.path("stage").asText()).isEqualTo("instruct");

    // the command recover, told to train the dense model as the pruned one, writes the same bytes
    var same =
        RecoverStage.run(
            placed
                .recover(0, dense, subsets.get(0))
                .with(RecoverSettings::output)
                .as(folder.resolve("same")),
            false,
            Device.cpu(),
            Progress.silent());
    assertThat(same.hash()).isEqualTo(round.hash());
    assertThat(JsonFile.read(round.file(RecoverStage.REPORT)).path("steps").asInt())
        .isEqualTo(10); // one row a step
  }

  @Test
  void whatIsDoneIsNotDoneAgain() throws IOException {
    var manifest = ceiling().resolve("manifest.json");
    var before = Files.getLastModifiedTime(manifest);
    ceiling();
    assertThat(Files.getLastModifiedTime(manifest)).isEqualTo(before);
    assertThat(told).hasSize(6);
    assertThat(told.get(0)).startsWith("ceiling round 0 ");
    assertThat(told.get(5)).startsWith("ceiling instructions ");
  }

  /**
   * Before each round of the pruned model it learns the subset of that round, and nothing twice.
   */
  @Test
  void asATeacherItGoesOnFromRoundToRound() {
    var ceiling = fresh();
    var work = placed.work();
    ceiling.of(subsets.subList(0, 1), Optional.empty());
    assertThat(told).hasSize(1);
    ceiling.of(subsets.subList(0, 2), Optional.empty());
    assertThat(told).hasSize(2);
    var first = PublishedDirectory.open(work.ceiling("round-0"));
    var next = PublishedDirectory.open(work.ceiling("round-1"));
    assertThat(parent(next, "checkpoint")).isEqualTo(first.hash());
  }

  private static String parent(PublishedDirectory folder, String name) {
    return folder.manifest().path("parents").path(name).asText();
  }
}
