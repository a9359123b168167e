package io.lorashear.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.family.Family;
import io.lorashear.prune.PruneStage;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.settings.Settings;
import io.lorashear.train.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Masks that learn, as a stage. */
class GateMethodTest {
  @TempDir Path folder;

  @BeforeEach
  void corpusAndModel() throws IOException {
    SmallCorpus.write(folder.resolve("corpus"));
    var config = TinyModel.config(256);
    var weights = TinyModel.weights(Family.of(config).trace(config), 1);
    CheckpointWriter.write(folder.resolve("dense"), config, weights, List.of());
  }

  private PublishedDirectory prune(String output, Progress progress, String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=" + folder.resolve("dense"),
                "corpus=" + folder.resolve("corpus"),
                "output=" + folder.resolve(output),
                "unprunable=0",
                "ratio=0.1",
                "rows=4",
                "train.saveEvery=5",
                List.of(more).contains("method=ddp") ? "ddp.steps=14" : "sheared.steps=14"));
    values.addAll(List.of(more));
    var settings = Settings.defaults(PruneSettings.class, values);
    return PruneStage.run(settings, false, Device.cpu(), progress);
  }

  /** Stops with an exception at the thirteenth step. */
  private static Progress killed() {
    return (what, total, unit) ->
        new Progress.Work() {
          private long done;

          @Override
          public void step(long units) {
            done += units;
            if (what.equals("prune") && done == 13) {
              throw new IllegalStateException("killed");
            }
          }

          @Override
          public void note(String text) {}

          @Override
          public void close() {}
        };
  }

  private static byte[] bytes(PublishedDirectory directory, String file) throws IOException {
    return Files.readAllBytes(directory.file(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sheared-llama", "ddp"})
  void aKilledRunGoesOnToTheSameBytes(String method) throws IOException {
    var whole = prune("whole", Progress.silent(), "method=" + method);
    assertThatThrownBy(() -> prune("again", killed(), "method=" + method)).hasMessage("killed");
    assertThat(Files.exists(folder.resolve("again"))).isFalse();
    var told = new ArrayList<String>();
    var resumed =
        prune(
            "again",
            (what, total, unit) -> {
              var work = Progress.silent().begin(what, total, unit);
              return what.equals("prune") ? new Counted(work, told) : work;
            },
            "method=" + method);
    assertThat(told).hasSize(4); // steps 11 to 14
    for (var file : List.of("model.safetensors", "config.json", PruneStage.REPORT)) {
      assertThat(bytes(resumed, file)).isEqualTo(bytes(whole, file));
    }
    var report = JsonFile.read(whole.file(PruneStage.REPORT));
    assertThat(report.path("run").path("losses")).hasSize(14);
    assertThat(report.path("run").path("kinds").path(0).path("open").asDouble())
        .isBetween(0.0, 1.0);
  }

  private record Counted(Progress.Work work, List<String> told) implements Progress.Work {
    @Override
    public void step(long units) {
      told.add("step");
    }

    @Override
    public void note(String text) {}

    @Override
    public void close() {
      work.close();
    }
  }

  @Test
  void aKilledRunWithMasksOnLayersGoesOnToo() throws IOException {
    var more = new String[] {"method=sheared-llama", "sheared.layers=1", "ratio=0.22"};
    var whole = prune("whole", Progress.silent(), more);
    assertThatThrownBy(() -> prune("again", killed(), more)).hasMessage("killed");
    var resumed = prune("again", Progress.silent(), more);
    for (var file : List.of("model.safetensors", "config.json", PruneStage.REPORT)) {
      assertThat(bytes(resumed, file)).isEqualTo(bytes(whole, file));
    }
    try (var left = Checkpoint.open(whole.directory())) {
      assertThat(left.config().layers()).filteredOn(layer -> layer.queryHeads() == 0).hasSize(1);
    }
  }

  @Test
  void aNarrowerStreamIsAModelOfItsFamily() throws IOException {
    var more = new String[] {"method=sheared-llama", "sheared.hidden=12", "ratio=0.4"};
    var whole = prune("whole", Progress.silent(), more);
    assertThatThrownBy(() -> prune("again", killed(), more)).hasMessage("killed");
    var resumed = prune("again", Progress.silent(), more);
    for (var file : List.of("model.safetensors", "config.json", PruneStage.REPORT)) {
      assertThat(bytes(resumed, file)).isEqualTo(bytes(whole, file));
    }
    try (var left = Checkpoint.open(whole.directory())) {
      assertThat(left.graph().parameter("model.norm.weight").shape()).containsExactly(12);
      var report = JsonFile.read(whole.file(PruneStage.REPORT));
      assertThat(report.at("/run/targetWidths/hidden").asInt()).isEqualTo(12);
      assertThat(left.graph().parameterCount()).isEqualTo(report.path("parametersAfter").asLong());
    }
  }

  @Test
  void aStreamThatDoesNotGoWithTheRestIsRefusedBeforeAnythingRuns() {
    assertThatThrownBy(
            () -> prune("none", Progress.silent(), "method=sheared-llama", "sheared.hidden=16"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "sheared.hidden is 16, but the residual stream has 16 channels: give a number from 1 to"
                + " 15, or 0 to keep all");
    assertThatThrownBy(
            () ->
                prune(
                    "none",
                    Progress.silent(),
                    "method=sheared-llama",
                    "sheared.hidden=4",
                    "ratio=0.2"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("sheared.hidden is 4: the channels that go hold ")
        .hasMessageEndingWith(
            "are to go in all: choose a ratio between the two, or let another number of channels"
                + " stay");
    assertThatThrownBy(
            () ->
                prune(
                    "none",
                    Progress.silent(),
                    "method=sheared-llama",
                    "sheared.hidden=12",
                    "shape=deci"))
        .hasMessageContaining(
            "sheared.hidden is 12, but shape is deci, whose rules are about today's residual"
                + " stream: set shape to free or uniform-ffn");
  }

  @Test
  void layersThatHoldTooMuchAreRefusedBeforeAnythingRuns() {
    assertThatThrownBy(
            () -> prune("none", Progress.silent(), "method=sheared-llama", "sheared.layers=1"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("sheared.layers is 1, but the 1 layers that go then may hold 1376");
    assertThatThrownBy(
            () ->
                prune(
                    "none",
                    Progress.silent(),
                    "method=sheared-llama",
                    "sheared.layers=1",
                    "shape=uniform"))
        .hasMessageContaining(
            "sheared.layers is 1, but shape is uniform, which has all layers: set shape to free");
  }

  @Test
  void whatTheDenseModelTeachesIsLearnt() throws IOException {
    var taught = prune("taught", Progress.silent(), "method=ddp");
    var alone = prune("alone", Progress.silent(), "method=ddp", "ddp.distillation=0");
    assertThat(bytes(taught, "model.safetensors")).isNotEqualTo(bytes(alone, "model.safetensors"));
  }

  @Test
  void settingsThatContradictAreToldTogether() {
    assertThatThrownBy(
            () ->
                prune(
                    "none",
                    Progress.silent(),
                    "method=ddp",
                    "compensation.rows=2",
                    "ddp.steps=1",
                    "ddp.firstMean=0.05",
                    "ddp.top=0",
                    "sheared.temperature=0",
                    "sheared.growth=1.5"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "compensation.rows is 2, but method is ddp, whose masks stay in what reads the groups:"
                + " set it to 0")
        .hasMessageContaining("ddp.steps is 1: masks need at least 2 steps to learn")
        .hasMessageContaining(
            "ddp.firstMean is 0.05 and lastMean is 0.1: give 0 < lastMean <= firstMean <= 1")
        .hasMessageContaining("ddp.top is 0: give at least 1 token of each position")
        .hasMessageContaining(
            "sheared.temperature is 0.0: give a number in (0, 1], for example 0.6667")
        .hasMessageContaining("sheared.growth is 1.5: give a share of the steps in [0, 1]")
        .hasMessageContaining(
            "sheared is given, but method is ddp, which does not read it: leave it out, or choose"
                + " the method sheared-llama");
  }
}
