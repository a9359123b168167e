package io.lorashear.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.Compressor;
import io.lorashear.family.Family;
import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import io.lorashear.reference.ReferenceData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExportTest {
  @TempDir Path folder;

  private Checkpoint model(ModelConfig config) {
    var source = folder.resolve("source");
    CheckpointWriter.write(source, config, SmallModels.weights(config, 5), List.of());
    return Checkpoint.open(source);
  }

  private void write(Checkpoint model, WeightType type) {
    Export.publish(
        new HfExport("transformers"),
        new ExportRequest(model, type),
        Optional.empty(),
        folder.resolve("out"),
        JsonFile.object(),
        line -> {});
  }

  @Test
  void theExportHoldsTheSameNumbers() {
    try (var model = model(SmallModels.uniform())) {
      write(model, WeightType.F32);
      try (var exported = Checkpoint.open(folder.resolve("out"))) {
        for (var name : model.tensors().tensors().keySet()) {
          assertThat(exported.tensors().floats(name)).isEqualTo(model.tensors().floats(name));
        }
      }
    }
  }

  @Tag("reference")
  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  void everyFamilyIsWrittenAndReadBackWithTheSameBytes(String family) throws IOException {
    try (var model = Checkpoint.open(ReferenceData.path("reference/families/" + family))) {
      write(model, WeightType.F32);
      expectSame(model.tensors(), folder.resolve("out"), model.config().layers());
      var graph = model.graph();
      var plan = UnevenModels.plan(graph);
      var small = Compressor.compress(graph, model.tensors(), plan);
      var config = Family.of(model.config()).resized(model.config(), small.graph());
      CheckpointWriter.write(folder.resolve("small"), config, small.tensors(), List.of());
      expectSame(small.tensors(), folder.resolve("small"), config.layers());
    }
  }

  private void expectSame(TensorSource tensors, Path written, List<LayerWidths> layers)
      throws IOException {
    try (var read = Checkpoint.open(written)) {
      assertThat(read.config().layers()).isEqualTo(layers);
      assertThat(read.tensors().tensors().keySet())
          .containsExactlyInAnyOrderElementsOf(read.graph().parameters().keySet());
      for (var name : read.graph().parameters().keySet()) {
        assertThat(read.tensors().floats(name)).isEqualTo(tensors.floats(name));
      }
      var again = folder.resolve("again");
      CheckpointWriter.write(again, read.config(), read.tensors(), List.of());
      for (var file : List.of("config.json", "model.safetensors")) {
        assertThat(again.resolve(file)).hasSameBinaryContentAs(written.resolve(file));
      }
    }
  }

  @Test
  void aNarrowerTypeRoundsEveryNumber() {
    try (var model = model(SmallModels.uneven())) {
      write(model, WeightType.BF16);
      try (var exported = Checkpoint.open(folder.resolve("out"))) {
        assertThat(exported.config().text("torch_dtype")).isEqualTo("bfloat16");
        var name = "model.layers.1.mlp.down_proj.weight";
        var before = model.tensors().floats(name);
        var after = exported.tensors().floats(name);
        for (int i = 0; i < before.length; i++) {
          assertThat((double) Math.abs(after[i] - before[i]))
              .isLessThanOrEqualTo(Math.abs(before[i]) / 256.0);
          assertThat(Float.floatToRawIntBits(after[i]) & 0xffff).isZero();
        }
      }
    }
  }

  @Test
  void aTypeThatTheProgramDoesNotReadIsNamed() {
    assertThatThrownBy(() -> new HfExport("mlx").type(Optional.of("i8")))
        .hasMessage("--type i8: weights for mlx are written as f32, f16, bf16; choose one of them");
  }

  private static ModelConfig scaled(String field, String kind) {
    var fields = SmallModels.uniform().fields().deepCopy();
    fields.remove("rope_theta");
    fields.putObject(field).put("rope_type", kind).put("factor", 2.0).put("rope_theta", 500.0);
    return ModelConfig.parse(fields, "a test");
  }

  /** Transformers 4 passes over rope_parameters and would take θ to be 10,000. */
  @Test
  void whatNewerFilesSayOfPositionsIsSaidInOlderWordsToo() {
    var config = scaled("rope_parameters", "linear");
    var target = folder.resolve("model");
    CheckpointWriter.write(target, config, SmallModels.weights(config, 1), List.of());
    var written = JsonFile.read(target.resolve("config.json"));
    assertThat(written.get("rope_theta").asDouble()).isEqualTo(500);
    assertThat(written.get("rope_scaling"))
        .hasToString("{\"rope_type\":\"linear\",\"factor\":2.0}");
    try (var again = Checkpoint.open(target)) {
      assertThat(again.graph()).isEqualTo(Family.of(config).trace(config));
    }
  }
}
