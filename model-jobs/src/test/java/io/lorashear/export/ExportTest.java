package io.lorashear.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.Compressor;
import io.lorashear.export.Compatibility.Answer;
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

  private static Answer answer(ModelConfig config, String program) {
    return Compatibility.of(config).verdicts().stream()
        .filter(verdict -> verdict.program().equals(program))
        .findFirst()
        .orElseThrow()
        .answer();
  }

  @Test
  void whoLoadsWhatFollowsTheWidths() {
    var uniform = SmallModels.uniform();
    assertThat(Compatibility.of(uniform).verdicts()).allMatch(v -> v.answer() == Answer.YES);
    var threeHeads = SmallModels.llama(new LayerWidths(3, 1, 24), new LayerWidths(3, 1, 24));
    assertThat(answer(threeHeads, "transformers 4")).isEqualTo(Answer.YES);
    assertThat(answer(threeHeads, "transformers 5")).isEqualTo(Answer.NO);
    assertThat(answer(threeHeads, "Jlama")).isEqualTo(Answer.NO);
    assertThat(answer(threeHeads, "vLLM")).isEqualTo(Answer.UNKNOWN);
    assertThat(Compatibility.of(SmallModels.uneven()).verdicts())
        .filteredOn(verdict -> verdict.answer() == Answer.YES)
        .extracting(verdict -> verdict.program())
        .containsExactly("lorashear");
  }

  @Test
  void theTableSaysWhy() {
    var threeHeads = SmallModels.llama(new LayerWidths(3, 1, 24), new LayerWidths(3, 1, 24));
    assertThat(Compatibility.of(threeHeads).table())
        .contains("transformers 4   yes\n")
        .contains("transformers 5   no       refuses 3 heads of a hidden size of 16\n")
        .contains("Jlama            no       head_dim is 4, not 16 / 3\n");
  }

  private static ModelConfig scaled(String field, String kind) {
    var fields = SmallModels.uniform().fields().deepCopy();
    fields.remove("rope_theta");
    fields.putObject(field).put("rope_type", kind).put("factor", 2.0).put("rope_theta", 500.0);
    return ModelConfig.parse(fields, "a test");
  }

  @Test
  void whoTurnsPositionsOtherwiseIsNamed() {
    var dynamic = Compatibility.of(scaled("rope_scaling", "dynamic"));
    assertThat(dynamic.verdicts())
        .filteredOn(verdict -> verdict.answer() == Answer.YES)
        .extracting(verdict -> verdict.program())
        .containsExactly("lorashear", "transformers 4", "transformers 5");
    assertThat(dynamic.table())
        .contains("vLLM             no       it turns every text as if it were the longest\n")
        .contains("llama.cpp        no       its converter leaves dynamic scaling out\n");
    assertThat(answer(scaled("rope_scaling", "linear"), "llama3.java")).isEqualTo(Answer.NO);
  }

  /** Transformers 4 passes over rope_parameters and would take θ to be 10,000. */
  @Test
  void whatNewerFilesSayOfPositionsIsSaidInOlderWordsToo() {
    var config = scaled("rope_parameters", "linear");
    var target = folder.resolve("model");
    CheckpointWriter.write(target, config, SmallModels.weights(config, 1), List.of());
    var written = JsonFile.read(target.resolve("config.json"));
    assertThat(written.get("rope_theta").asDouble()).isEqualTo(500);
    assertThat(written.get("rope_scaling")).isEqualTo(written.get("rope_parameters"));
    try (var again = Checkpoint.open(target)) {
      assertThat(again.graph()).isEqualTo(Family.of(config).trace(config));
    }
  }

  private static ModelConfig other(String type, int heads, int headDimension) {
    var fields = JsonFile.object().put("model_type", type).put("vocab_size", 32);
    boolean gpt2 = type.equals("gpt2");
    fields.put(gpt2 ? "n_embd" : "hidden_size", 16).put(gpt2 ? "n_layer" : "num_hidden_layers", 2);
    fields.put(gpt2 ? "n_head" : "num_attention_heads", heads).put("head_dim", headDimension);
    fields.put(gpt2 ? "n_inner" : "intermediate_size", 24);
    if (!gpt2) {
      fields.put("num_key_value_heads", heads);
    }
    return ModelConfig.parse(fields, "a test");
  }

  @Test
  void everyFamilyHasItsOwnReaders() {
    var gemma = other("gemma", 4, 8);
    assertThat(answer(gemma, "vLLM")).isEqualTo(Answer.YES);
    assertThat(answer(gemma, "Jlama")).isEqualTo(Answer.YES);
    assertThat(answer(gemma, "llama3.java")).isEqualTo(Answer.NO);
    assertThat(Compatibility.of(other("qwen3", 4, 8)).table())
        .contains("Jlama            no       it does not know qwen3\n");
    assertThat(Compatibility.of(other("phi3", 2, 4)).table())
        .contains(
            "llama.cpp        no       its converter leaves it out: head_dim is 4, not 16 / 2");
    var gpt2 = other("gpt2", 4, 4);
    assertThat(answer(gpt2, "transformers 5")).isEqualTo(Answer.YES);
    assertThat(answer(gpt2, "llama.cpp")).isEqualTo(Answer.YES);
    var fewer = Compatibility.of(other("gpt2", 3, 4)).verdicts();
    assertThat(fewer.subList(1, fewer.size()))
        .hasSize(8)
        .allMatch(verdict -> verdict.answer() == Answer.NO)
        .allMatch(verdict -> verdict.reason().equals("a gpt2 has heads of 16 / 3, not of 4"));
  }
}
