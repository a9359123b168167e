package io.lorashear.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.adapter.PeftAdapter;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.family.Family;
import io.lorashear.rank.RankEvent;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.settings.Settings;
import io.lorashear.train.SmallAdapters;
import io.lorashear.train.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterStageTest {
  @TempDir Path folder;

  @BeforeEach
  void corpusAndModel() throws Exception {
    SmallCorpus.write(folder.resolve("corpus"));
    var config = TinyModel.config(256);
    var weights = TinyModel.weights(Family.of(config).trace(config), 1);
    CheckpointWriter.write(folder.resolve("dense"), config, weights, List.of());
  }

  private AdapterSettings settings(String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=@dense",
                "corpus=@corpus",
                "output=@adapter",
                "stage=pretrain",
                "validationRows=2",
                "lora.rank=4",
                "lora.alpha=6",
                "train.saveEvery=4"));
    values.addAll(List.of(more));
    return Settings.defaults(
        AdapterSettings.class,
        values.stream().map(value -> value.replace("=@", "=" + folder + "/")).toList());
  }

  private static PublishedDirectory run(AdapterSettings settings, Progress progress) {
    return AdapterStage.run(settings, false, Device.cpu(), progress);
  }

  private static AdapterResult result(PublishedDirectory published) {
    return AdapterResult.fromJson(JsonFile.read(published.file(AdapterStage.REPORT)));
  }

  @Test
  void whatIsMergedIsTheModelWithTheAdapterThatStandsBesideIt() {
    var settings = settings("merge=true", "lora.rsLora=true", "lora.targets=[q_proj, down_proj]");
    var published = run(settings, Progress.silent());
    var result = result(published);
    assertThat(result.steps()).isEqualTo(20); // 2 sources of 20 rows, two rows a step
    assertThat(result.tokens()).isEqualTo(40 * 4);
    assertThat(result.best().mean()).isLessThan(result.before().mean());
    var config = JsonFile.read(published.file("adapter_config.json"));
    assertThat(config.path("base_model_name_or_path").asText())
        .isEqualTo(folder.resolve("dense").toString());
    assertThat(config.path("use_rslora").asBoolean()).isTrue();
    assertThat(config.path("lora_alpha").asDouble()).isCloseTo(6, within(1e-12));
    try (var base = Checkpoint.open(folder.resolve("dense"), folder);
        var adapter = PeftAdapter.open(published.directory());
        var merged = Checkpoint.open(published.directory().resolve("merged"), folder)) {
      assertThat(adapter.pairs()).hasSize(4).allMatch(pair -> pair.scale() == 3); // 6 / √4
      var expected = SmallAdapters.merged(base.tensors(), adapter);
      for (var name : expected.tensors().keySet()) {
        assertThat(merged.tensors().floats(name))
            .containsExactly(expected.floats(name), within(1e-5f));
      }
      var changed = "model.layers.1.mlp.down_proj.weight";
      assertThat(merged.tensors().floats(changed)).isNotEqualTo(base.tensors().floats(changed));
    }
  }

  @Test
  void aKilledRunEndsWithTheSameBytes() {
    var whole = run(settings("output=@whole", "lora.dropout=0.1"), Progress.silent());
    var without = run(settings("output=@without"), Progress.silent());
    assertThat(without.manifest().path("files")).isNotEqualTo(whole.manifest().path("files"));
    assertThat(JsonFile.read(whole.file("adapter_config.json")).path("lora_dropout").asDouble())
        .isEqualTo(0.1);
    var killed = settings("output=@killed", "lora.dropout=0.1");
    assertThatThrownBy(() -> run(killed, new DiesAfter(9))).hasMessage("killed");
    var resumed = run(killed, Progress.silent());
    assertThat(resumed.manifest().path("files")).isEqualTo(whole.manifest().path("files"));
  }

  @Test
  void aKilledPruningEndsWithTheSameBytes() {
    for (var score : List.of("gradient", "adalora")) {
      String[] pruned = {
        "prunedLora.startRank=9",
        "prunedLora.every=2",
        "prunedLora.score=" + score,
        "prunedLora.allocation=global",
        "output=@" + score
      };
      var whole = run(settings(pruned), Progress.silent());
      pruned[4] = "output=@killed-" + score;
      var killed = settings(pruned);
      assertThatThrownBy(() -> run(killed, new DiesAfter(7))).hasMessage("killed");
      var resumed = run(killed, Progress.silent());
      assertThat(resumed.manifest().path("files")).isEqualTo(whole.manifest().path("files"));
    }
  }

  /** The scale of the start is that of the end, whatever ranks are left. */
  @Test
  void prunedPairsHaveTheirOwnRanksAndTheScaleTheyLearntWith() {
    for (boolean stabilised : new boolean[] {false, true}) {
      var settings =
          settings(
              "prunedLora.startRank=16",
              "prunedLora.every=2",
              "prunedLora.components=4",
              "prunedLora.allocation=global",
              "prunedLora.score=magnitude",
              "train.learningRate=2e-2",
              "lora.rsLora=" + stabilised,
              "merge=true",
              "output=@pruned-" + stabilised);
      var published = run(settings, Progress.silent());
      var result = result(published);
      assertThat(result.ranks().values().stream().mapToInt(Integer::intValue).sum())
          .isEqualTo(14 * 4);
      assertThat(result.ranks().values().stream().distinct().count()).isGreaterThan(1);
      assertThat(result.events()).extracting(RankEvent::step).containsExactly(2L, 4L, 6L);
      assertThat(result.best().step()).isGreaterThan(6);
      try (var base = Checkpoint.open(folder.resolve("dense"), folder);
          var adapter = PeftAdapter.open(published.directory());
          var merged = Checkpoint.open(published.directory().resolve("merged"), folder)) {
        for (var pair : adapter.pairs()) {
          assertThat(pair.rank()).isEqualTo(result.ranks().get(pair.module()));
          assertThat(pair.scale()).isCloseTo(stabilised ? 6.0 / 4 : 6.0 / 16, within(1e-12));
        }
        var expected = SmallAdapters.merged(base.tensors(), adapter);
        for (var name : expected.tensors().keySet()) {
          assertThat(merged.tensors().floats(name))
              .containsExactly(expected.floats(name), within(1e-5f));
        }
      }
    }
  }

  @Test
  void stepsAndTokensSayHowLongItTakes() {
    assertThat(result(run(settings("steps=3"), Progress.silent())).tokens()).isEqualTo(3 * 2 * 4);
    var byTokens = settings("tokens=50", "output=@tokens"); // 13 rows of 4, two a step
    assertThat(result(run(byTokens, Progress.silent())).steps()).isEqualTo(7);
  }

  @Test
  void aModelThatPeftWouldNotFindIsRefused() throws Exception {
    var file = Files.createFile(folder.resolve("model.gguf"));
    assertThatThrownBy(() -> AdapterStage.ready(settings("checkpoint=" + file)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            file
                + " is a file, which PEFT does not find a model by: give base, the folder of the"
                + " same model or its name on Hugging Face (owner/name)");
    assertThatThrownBy(() -> AdapterStage.ready(settings("base=somewhere")))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "base is somewhere, neither a folder nor a name on Hugging Face (owner/name): give the"
                + " model the adapter belongs to");
  }

  @Test
  void impossibleSettingsAreAllTold() {
    assertThatThrownBy(() -> settings("steps=5", "tokens=5", "validations=0", "lora.rank=0"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("steps is 5 and tokens is 5: give one of them, the other follows")
        .hasMessageContaining("validations is 0: give at least 1")
        .hasMessageContaining("rank is 0: give a whole number from 1 to 4096");
    assertThatThrownBy(
            () -> settings("prunedLora.startRank=4", "lora.adapter=@other", "prunedLora.every=0"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("3 problems")
        .hasMessageContaining(
            "prunedLora.startRank is 4: give more than lora.rank, 4, which is left in the end")
        .hasMessageContaining(
            "prunedLora.startRank is 4, but the pairs of lora.adapter have their own ranks: leave"
                + " one of the two out")
        .hasMessageContaining("every is 0: give at least 1 step");
  }

  @Test
  void trainingThatGoesAstrayPublishesNoPrunedPairs() {
    var astray = settings("prunedLora.startRank=6", "train.learningRate=1e30");
    assertThatThrownBy(() -> run(astray, Progress.silent()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "training went astray: the lowest held-out loss is NaN. Give a train.learningRate below"
                + " 1.0E30");
    assertThat(folder.resolve("adapter")).doesNotExist();
  }

  /** Ends a run as a kill would. */
  static final class DiesAfter implements Progress, Progress.Work {
    private int left;

    DiesAfter(int steps) {
      this.left = steps;
    }

    @Override
    public Work begin(String what, long total, String unit) {
      return this;
    }

    @Override
    public void step(long units) {
      if (--left == 0) {
        throw new IllegalStateException("killed");
      }
    }

    @Override
    public void note(String text) {}

    @Override
    public void close() {}
  }
}
