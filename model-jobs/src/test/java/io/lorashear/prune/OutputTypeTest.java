package io.lorashear.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.adapt.AdapterSettings;
import io.lorashear.adapt.AdapterStage;
import io.lorashear.checkpoint.CastTensors;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.family.Family;
import io.lorashear.method.PruneSettings;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.recover.RecoverStage;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.score.Scorer;
import io.lorashear.score.SourceLosses;
import io.lorashear.settings.Settings;
import io.lorashear.sparse.SparsifySettings;
import io.lorashear.sparse.SparsifyStage;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.Draw;
import io.lorashear.train.TinyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a stage writes its weights in. */
class OutputTypeTest {
  @TempDir Path folder;

  @BeforeEach
  void corpusAndModel() throws Exception {
    SmallCorpus.write(folder.resolve("corpus"));
    write("dense", DataType.BF16, weights());
  }

  private static InMemoryTensors weights() {
    var config = TinyModel.config(256);
    return TinyModel.weights(Family.of(config).trace(config), 1);
  }

  private void write(String name, DataType type, TensorSource weights) {
    var narrow = new CastTensors(weights, weights.tensors().keySet(), type);
    CheckpointWriter.write(folder.resolve(name), TinyModel.config(256), narrow, List.of());
  }

  private <T extends Record> T settings(Class<T> type, String output, String... more) {
    var values = new ArrayList<>(List.of("corpus=@corpus", "output=@" + output));
    values.addAll(List.of(more));
    if (values.stream().noneMatch(value -> value.startsWith("checkpoint="))) {
      values.add("checkpoint=@dense");
    }
    return Settings.defaults(
        type, values.stream().map(value -> value.replace("=@", "=" + folder + "/")).toList());
  }

  private PublishedDirectory prune(String output, String... more) {
    var values = new ArrayList<>(List.of("method=magnitude", "ratio=0.1", "rows=1"));
    values.addAll(List.of(more));
    var settings = settings(PruneSettings.class, output, values.toArray(String[]::new));
    return PruneStage.run(settings, false, Device.cpu(), Progress.silent());
  }

  private static void expectAll(DataType type, PublishedDirectory published) {
    try (var checkpoint = Checkpoint.open(published.directory())) {
      assertThat(checkpoint.tensors().tensors().values()).allMatch(info -> info.type() == type);
    }
  }

  @Test
  void prunedWeightsKeepTheTypeThatTheyCameIn() throws Exception {
    var pruned = prune("pruned");
    expectAll(DataType.BF16, pruned);
    assertThat(JsonFile.read(pruned.file("config.json")).toString()).contains("bfloat16");
    var report = JsonFile.read(pruned.file(PruneStage.REPORT)).path("weights");
    assertThat(report.path("rounded").asLong()).isZero(); // taken out, and not changed
    assertThat(report.path("types").size()).isEqualTo(1);
    assertThat(pruned.file("README.md")).content().contains("\nWeights are bfloat16.\n");
    try (var narrow = Checkpoint.open(pruned.directory());
        var wide = Checkpoint.open(prune("wide", "outputType=float32").directory())) {
      for (var info : wide.tensors().tensors().values()) {
        assertThat(info.type()).isEqualTo(DataType.F32);
        assertThat(narrow.tensors().floats(info.name()))
            .containsExactly(wide.tensors().floats(info.name()));
      }
    }
  }

  @Test
  void aWeightThatHalfPrecisionCannotHoldIsRefusedByName() {
    var weights = weights();
    var name = "model.layers.1.mlp.up_proj.weight";
    var large = weights.floats(name);
    Arrays.fill(large, 70000f);
    weights.put(name, large, weights.tensor(name).shape());
    write("large", DataType.F32, weights);
    assertThatThrownBy(() -> prune("half", "checkpoint=@large", "outputType=float16"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the weight %s holds 70000.0, which is too large for float16 (at most 65504.0): choose"
                + " float32 or bfloat16",
            name);
    assertThat(folder.resolve("half")).doesNotExist();
  }

  @Test
  void whatARecoveredModelIsMeasuredByIsWhatWasWritten() throws Exception {
    var settings =
        settings(RecoverSettings.class, "recovered", "rows=6", "validationRows=2", "lora.rank=2");
    var recovered = RecoverStage.run(settings, false, Device.cpu(), Progress.silent());
    expectAll(DataType.BF16, recovered);
    var report = JsonFile.read(recovered.file(RecoverStage.REPORT));
    long rounded = report.path("weights").path("rounded").asLong();
    assertThat(rounded).isPositive();
    double written = report.path("written").path("meanLoss").asDouble();
    assertThat(written).isNotEqualTo(report.path("best").path("meanLoss").asDouble());
    assertThat(RecoverStage.losses(recovered).get(1).mean()).isEqualTo(written);
    assertThat(RecoverStage.rounded(recovered).orElseThrow())
        .startsWith("%,d weights were rounded as they were written: the mean".formatted(rounded))
        .contains("loss is %.4f, and was".formatted(written));
    // a reader of the published model measures the same, but for the order of sums
    try (var checkpoint = Checkpoint.open(recovered.directory());
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu())) {
      var rows = Draw.text(folder.resolve("corpus"), checkpoint).uniform(Sequence.VALIDATION, 2, 1);
      var scorer = Scorer.over(model, 64);
      double read = SourceLosses.mean(SourceLosses.of(scorer, rows));
      assertThat(written).isCloseTo(read, within(1e-6));
    }
  }

  @Test
  void aSparseModelKeepsItsType() {
    var settings = settings(SparsifySettings.class, "sparse", "method=magnitude");
    expectAll(DataType.BF16, SparsifyStage.run(settings, false, Device.cpu(), Progress.silent()));
  }

  @Test
  void aMergedModelKeepsItsTypeAndItsLossIsTold() {
    var settings =
        settings(
            AdapterSettings.class,
            "adapter",
            "stage=pretrain",
            "merge=true",
            "rows=6",
            "validationRows=2");
    var published = AdapterStage.run(settings, false, Device.cpu(), Progress.silent());
    try (var merged = Checkpoint.open(published.directory().resolve(AdapterStage.MERGED))) {
      assertThat(merged.tensors().tensors().values())
          .allMatch(info -> info.type() == DataType.BF16);
    }
    assertThat(AdapterStage.rounded(published).orElseThrow())
        .contains("weights of the merged model were rounded");
    assertThatThrownBy(() -> settings(AdapterSettings.class, "other", "outputType=bfloat16"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "outputType is bfloat16, but merge is false, so no model is written: leave it out, or"
                + " set merge to true");
  }
}
