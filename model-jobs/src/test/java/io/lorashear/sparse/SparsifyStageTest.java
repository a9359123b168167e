package io.lorashear.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.adapt.AdapterSettings;
import io.lorashear.adapt.AdapterStage;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.OutputType;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.export.ExportRequest;
import io.lorashear.export.Targets;
import io.lorashear.export.WeightType;
import io.lorashear.family.Family;
import io.lorashear.graph.BlockMatrix;
import io.lorashear.method.PruneSettings;
import io.lorashear.prune.PruneStage;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.recover.RecoverStage;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.settings.Settings;
import io.lorashear.torch.PrecisionChoice;
import io.lorashear.train.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SparsifyStageTest {
  @TempDir Path folder;

  @BeforeEach
  void corpusAndModel() throws Exception {
    SmallCorpus.write(folder.resolve("corpus"));
    var config = TinyModel.config(256);
    var weights = TinyModel.weights(Family.of(config).trace(config), 1);
    CheckpointWriter.write(folder.resolve("dense"), config, weights, List.of());
  }

  private SparsifySettings settings(String... more) {
    var values = new ArrayList<>(List.of("checkpoint=@dense", "corpus=@corpus", "output=@sparse"));
    values.addAll(List.of(more));
    return Settings.defaults(
        SparsifySettings.class,
        values.stream().map(value -> value.replace("=@", "=" + folder + "/")).toList());
  }

  private PublishedDirectory run(String... more) {
    return SparsifyStage.run(settings(more), false, Device.cpu(), Progress.silent());
  }

  @ParameterizedTest
  @EnumSource(SparseMethod.class)
  void theCheckpointHasTheZerosThatTheReportCounts(SparseMethod method) {
    var sparse = run("method=" + Settings.word(method), "pattern=2:4", "sparsegpt.columns=8");
    var report = JsonFile.read(sparse.file(SparsifyStage.REPORT));
    long zeros = 0;
    long weights = 0;
    try (var checkpoint = Checkpoint.open(sparse.directory())) {
      for (var matrix : BlockMatrix.of(checkpoint.graph())) {
        var values = checkpoint.tensors().floats(matrix.name());
        for (float value : values) {
          zeros += value == 0 ? 1 : 0;
        }
        weights += values.length;
        assertThat(report.at("/sparsity/matrices").path(matrix.name()).asDouble()).isEqualTo(0.5);
      }
      long parameters = checkpoint.graph().parameterCount();
      assertThat(report.path("parametersBefore").asLong()).isEqualTo(parameters);
      assertThat(report.path("parametersAfter").asLong()).isEqualTo(parameters);
      assertThat(report.at("/sparsity/ofParameters").asDouble())
          .isEqualTo((double) zeros / parameters);
    }
    assertThat(report.at("/sparsity/zeros").asLong()).isEqualTo(zeros).isEqualTo(weights / 2);
    assertThat(report.at("/sparsity/ofMatrices").asDouble()).isEqualTo(0.5);
    assertThat(report.at("/sparsity/pattern").asText()).isEqualTo("2:4");
    assertThat(report.at("/sparsity/method").asText()).isEqualTo(Settings.word(method));
    assertThat(report.at("/sparsity/unreached").isEmpty()).isTrue();
    assertThat(sparse.directory().resolve("README.md"))
        .content()
        .contains("%,d of %,d weights in the matrices of blocks".formatted(zeros, weights))
        .contains("by " + Settings.word(method) + ", 2:4;")
        .doesNotContain("structured pruning");
  }

  @Test
  void theSameSettingsGiveTheSameBytesElsewhere() {
    var again = run("output=@again");
    assertThat(run().manifest().path("files")).isEqualTo(again.manifest().path("files"));
  }

  @Test
  void everySettingOfTheThreeChangesTheResult() {
    var usual = run();
    for (var other :
        List.of("sparsity=0.4", "propagate=false", "rows=1", "sparsegpt.damping=0.5", "seed=2")) {
      var folder = "output=@" + other.replace('=', '-');
      assertThat(run(other, folder).manifest().path("files"))
          .as(other)
          .isNotEqualTo(usual.manifest().path("files"));
    }
  }

  @Test
  void impossibleValuesAreAllTold() {
    assertThatThrownBy(() -> settings("sparsity=50", "pattern=5:4", "sparsegpt.damping=0"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("3 problems")
        .hasMessageContaining(
            "sparsity is 50.0: give a share of every matrix between 0 and 1, for example 0.5")
        .hasMessageContaining(
            "pattern is 5:4: write unstructured, or N:M where N of M neighbours are left, for"
                + " example 2:4 or 4:8")
        .hasMessageContaining("sparsegpt.damping is 0.0: give a share in (0, 1], for example 0.01");
  }

  @Test
  void whatDoesNotGoWithAPatternIsTold() {
    assertThatThrownBy(() -> settings("sparsity=0.6", "pattern=2:4", "sparsegpt.columns=6"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "sparsity is 0.6, but pattern 2:4 takes 0.5: set sparsity to that, or pattern to"
                + " unstructured")
        .hasMessageContaining(
            "sparsegpt.columns is 6, but pattern 2:4 has groups across blocks: give a multiple of"
                + " them, for example 128");
  }

  @Test
  void settingsOfStructuredPruningAreNoneHere() {
    assertThatThrownBy(
            () -> settings("ratio=0.2", "shape=deci", "lhspg.periods=4", "profile=@profile"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("4 problems")
        .hasMessageContaining("ratio: no such setting")
        .hasMessageContaining("shape: no such setting")
        .hasMessageContaining("lhspg: no such setting")
        .hasMessageContaining("profile: no such setting");
  }

  @Test
  void aPatternIsReadFromYamlAsItIsWritten() throws Exception {
    var file =
        Files.writeString(
            folder.resolve("sparse.yaml"),
            "checkpoint: a\ncorpus: b\noutput: c\nmethod: wanda\npattern: 4:8\n");
    assertThat(Settings.load(SparsifySettings.class, file, List.of()).pattern()).isEqualTo("4:8");
  }

  @Test
  void theShippedFileIsUnderstood() {
    var here = Path.of("conf/sparsify/smollm2-135m.yaml");
    var file = Files.exists(here) ? here : Path.of("..").resolve(here);
    var settings = Settings.load(SparsifySettings.class, file, List.of("pattern=2:4"));
    assertThat(settings)
        .isEqualTo(
            new SparsifySettings(
                settings.checkpoint(),
                settings.corpus(),
                settings.output(),
                SparseMethod.SPARSEGPT,
                0.5,
                "2:4",
                13,
                1,
                PrecisionChoice.AUTO,
                OutputType.KEEP,
                true,
                new SparseGptSettings(0.01, 128)));
  }

  @Test
  void aWidthThatAPatternDoesNotFillIsNamedBeforeAnyWork() {
    assertThatThrownBy(() -> SparsifyStage.ready(settings("pattern=4:8", "corpus=@nothing")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "pattern is 4:8, but 2 matrices have inputs that such groups do not fill,"
                + " model.layers.0.mlp.down_proj.weight among them with 12: set pattern to"
                + " unstructured, or prune to widths that are multiples")
        .hasMessageContaining(folder.resolve("nothing").toString());
  }

  private RecoverSettings recovery(Path checkpoint, String output, String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=" + checkpoint,
                "corpus=" + folder.resolve("corpus"),
                "output=" + folder.resolve(output),
                "rows=6",
                "validationRows=2",
                "lora.rank=2",
                "train.learningRate=1e-2"));
    values.addAll(List.of(more));
    return Settings.defaults(RecoverSettings.class, values);
  }

  private static PublishedDirectory recovered(RecoverSettings settings) {
    return RecoverStage.run(settings, false, Device.cpu(), Progress.silent());
  }

  /** Where the weights of all matrices of blocks are zero. */
  private static List<Boolean> zeros(Path model) {
    var zeros = new ArrayList<Boolean>();
    try (var checkpoint = Checkpoint.open(model)) {
      for (var matrix : BlockMatrix.of(checkpoint.graph())) {
        for (float value : checkpoint.tensors().floats(matrix.name())) {
          zeros.add(value == 0);
        }
      }
    }
    return zeros;
  }

  @ParameterizedTest
  @ValueSource(strings = {"unstructured", "2:4"})
  void recoveryKeepsTheZerosThatARecordNames(String pattern) throws Exception {
    var sparse = run("pattern=" + pattern, "sparsegpt.columns=8");
    var first =
        recovered(recovery(sparse.directory(), "first", "rows=12", "train.learningRate=3e-3"));
    var second = recovered(recovery(first.directory(), "second", "stage=instruct"));
    var learnt = JsonFile.read(first.file(RecoverStage.REPORT)).path("best").path("step");
    assertThat(learnt.asInt()).isPositive();
    for (var round : List.of(first, second)) {
      assertThat(zeros(round.directory())).isEqualTo(zeros(sparse.directory()));
      var report = JsonFile.read(round.file(RecoverStage.REPORT));
      assertThat(report.path("sparsity"))
          .isEqualTo(JsonFile.read(sparse.file(SparsifyStage.REPORT)).path("sparsity"));
      assertThat(RecoverStage.filled(round)).isEmpty();
      long zero = zeros(sparse.directory()).stream().filter(each -> each).count();
      assertThat(RecoverStage.kept(round))
          .contains(
              "%,d weights in blocks were zero, and %,d are: the pairs were left out there (%s)"
                  .formatted(zero, zero, pattern));
      assertThat(round.directory().resolve("adapter")).doesNotExist();
    }
    var target = Targets.of(Optional.of("compressed-tensors"), Optional.empty());
    try (var model = Checkpoint.open(second.directory())) {
      var request = new ExportRequest(model, WeightType.F32);
      if (pattern.equals("2:4")) {
        target.require(request);
      } else {
        assertThatThrownBy(() -> target.require(request)).hasMessageContaining("is not 2:4");
      }
    }
  }

  @Test
  void zerosThatNobodyRecordedAreNotKeptByChance() throws Exception {
    var sparse = run();
    var bare = folder.resolve("bare");
    try (var checkpoint = Checkpoint.open(sparse.directory())) {
      CheckpointWriter.write(bare, checkpoint.config(), checkpoint.tensors(), List.of());
    }
    assertThatThrownBy(() -> RecoverStage.ready(recovery(bare, "out", "keepZeros=true")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            ("keepZeros is true, but no record in %s tells of zeros: sparsify writes one"
                    + " (pruning.json), recover keeps it (recovery.json).")
                .formatted(bare));
    assertThat(RecoverStage.filled(recovered(recovery(bare, "out"))).orElseThrow())
        .endsWith(
            "No record of sparsify stands beside the checkpoint, by which they would have stayed");
  }

  @Test
  void aRecordOfAnotherModelIsRefused() throws Exception {
    var sparse = run();
    var dense = folder.resolve("dense");
    Files.copy(sparse.file(SparsifyStage.REPORT), dense.resolve(SparsifyStage.REPORT));
    assertThatThrownBy(() -> recovered(recovery(dense, "out")))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "pruning.json tells of zeros in 14 matrices that do not have them,"
                + " model.layers.0.mlp.down_proj.weight among them with 0 zeros of 96 told: it is"
                + " the record of another model. Sparsify again, or set keepZeros to false");
  }

  @Test
  void whatAMaskedProductCannotHaveIsRefused() {
    var sparse = run();
    assertThatThrownBy(
            () -> RecoverStage.ready(recovery(sparse.directory(), "out", "lora.dropout=0.1")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "lora.dropout is set, and pruning.json tells of zeros that stay: a pair whose product"
                + " is left out where weights are zero has no input of its own to drop, and no"
                + " adapter says it. Leave that out, or set keepZeros to false");
    assertThatThrownBy(
            () -> recovery(sparse.directory(), "out", "lora.adapter=a", "keepZeros=true"))
        .hasMessageContaining("keepZeros is true, and lora.adapter is set: a pair whose product");
  }

  @Test
  void whatWouldFillZerosWithoutAWordIsRefused() {
    var sparse = run("pattern=2:4").directory();
    var common = List.of("checkpoint=" + sparse, "corpus=" + folder.resolve("corpus"));
    var merged = new ArrayList<>(common);
    merged.addAll(List.of("output=" + folder.resolve("adapter"), "merge=true"));
    assertThatThrownBy(() -> AdapterStage.ready(Settings.defaults(AdapterSettings.class, merged)))
        .isInstanceOf(InputException.class)
        .hasMessage(
            ("pruning.json of %s tells of zeros (2:4), which merge would fill with what the adapter"
                    + " learns. Leave merge out, or use recover, which keeps them")
                .formatted(sparse));
    var smaller = new ArrayList<>(common);
    smaller.addAll(List.of("output=" + folder.resolve("small"), "method=fisher", "ratio=0.2"));
    assertThatThrownBy(() -> PruneStage.ready(Settings.defaults(PruneSettings.class, smaller)))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith(
            "tells of zeros (2:4), which pruning would neither keep nor record. Prune the dense"
                + " model, then sparsify the smaller one");
  }

  @Test
  void recoveryTellsThatMergingFillsZeros() {
    var sparse = run("sparsity=0.5");
    var recovered = recovered(recovery(sparse.directory(), "recovered", "keepZeros=false"));
    long zeros = JsonFile.read(sparse.file(SparsifyStage.REPORT)).at("/sparsity/zeros").asLong();
    var report = JsonFile.read(recovered.file(RecoverStage.REPORT));
    assertThat(report.path("zerosBefore").asLong()).isEqualTo(zeros);
    assertThat(report.path("zerosAfter").asLong()).isZero();
    assertThat(RecoverStage.filled(recovered))
        .contains(
            ("%,d weights in blocks were zero, and LoRA's products are not: merged into them"
                    + " they left 0. The model in %s is no sparse one; the sparse checkpoint with"
                    + " the pairs in %s beside it says the same and keeps its zeros")
                .formatted(zeros, recovered.directory(), recovered.directory().resolve("adapter")));
  }

  @Test
  void weightsThatLearnAsAWholeFillZerosAndLeaveNoAdapter() {
    var sparse = run("sparsity=0.5").directory();
    assertThatThrownBy(() -> RecoverStage.ready(recovery(sparse, "out", "learn.weights=blocks")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "learn.weights is set, and pruning.json tells of zeros that stay: weights that learn as"
                + " a whole do not stay zero. Leave that out, or set keepZeros to false");
    long alone = RecoverStage.ready(recovery(sparse, "out", "keepZeros=false")).most();
    long all =
        RecoverStage.ready(recovery(sparse, "out", "keepZeros=false", "learn.weights=all")).most();
    assertThat(all).isEqualTo(alone + 10 * alone); // float32, the best and three states of three
    var recovered =
        recovered(
            recovery(
                sparse,
                "recovered",
                "learn.weights=blocks",
                "keepZeros=false",
                "average=0.5",
                "train.learningRate=1e-4"));
    long zeros = JsonFile.read(sparse.resolve(SparsifyStage.REPORT)).at("/sparsity/zeros").asLong();
    assertThat(RecoverStage.filled(recovered).orElseThrow())
        .startsWith(
            "%,d weights in blocks were zero, and training left 0. The model in %s is no sparse one"
                .formatted(zeros, recovered.directory()));
    assertThat(RecoverStage.learnt(recovered).orElseThrow())
        .startsWith("What learnt: all weights of the blocks and the last norm (")
        .endsWith("adapter, which could not say it");
    assertThat(recovered.directory().resolve("adapter")).doesNotExist();
    var report = JsonFile.read(recovered.file(RecoverStage.REPORT));
    assertThat(RecoverStage.averaged(recovered).orElseThrow())
        .startsWith(
            "The average of the last %d steps has a mean held-out loss of %.4f, the last weights have"
                .formatted(
                    report.at("/average/steps").asLong(),
                    report.at("/average/meanLoss").asDouble()))
        .endsWith(report.at("/average/kept").asBoolean() ? "is kept" : "is not kept");
  }

  @Test
  void nothingIsToldOfZerosThatWereNone() {
    var settings =
        Settings.defaults(
            RecoverSettings.class,
            List.of(
                "checkpoint=" + folder.resolve("dense"),
                "corpus=" + folder.resolve("corpus"),
                "output=" + folder.resolve("recovered"),
                "rows=1",
                "validationRows=1"));
    var recovered = RecoverStage.run(settings, false, Device.cpu(), Progress.silent());
    assertThat(RecoverStage.filled(recovered)).isEmpty();
    assertThat(RecoverStage.learnt(recovered)).isEmpty();
    assertThat(RecoverStage.averaged(recovered)).isEmpty();
  }
}
