package io.lorashear.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.safetensors.Safetensors;
import io.lorashear.family.Family;
import io.lorashear.graph.BlockMatrix;
import io.lorashear.reference.ReferenceData;
import io.lorashear.train.TinyModel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Sparse24ExportTest {
  @TempDir Path folder;

  /** Every second weight of every matrix of a block. */
  private static InMemoryTensors sparse(TensorSource dense, List<BlockMatrix> matrices) {
    var names = matrices.stream().map(BlockMatrix::name).toList();
    var tensors = new InMemoryTensors();
    for (var info : dense.tensors().values()) {
      var values = dense.floats(info.name());
      for (int i = 0; i < values.length; i++) {
        boolean goes = names.contains(info.name()) && i % 4 != i / 4 % 4 && i % 2 == 0;
        values[i] = goes || names.contains(info.name()) && i % 4 == 1 ? 0 : values[i];
      }
      tensors.put(info.name(), values, info.shape());
    }
    return tensors;
  }

  private Checkpoint model(boolean sparse) {
    var config = TinyModel.config(256);
    var graph = Family.of(config).trace(config);
    var dense = TinyModel.weights(graph, 3);
    var tensors = sparse ? sparse(dense, BlockMatrix.of(graph)) : dense;
    CheckpointWriter.write(folder.resolve("model"), config, tensors, List.of());
    return Checkpoint.open(folder.resolve("model"));
  }

  private static byte[] bytes(TensorSource tensors, String name) {
    var bytes = ByteBuffer.allocate((int) tensors.tensor(name).bytes());
    tensors.read(name, 0, bytes);
    return bytes.array();
  }

  @Test
  void aMatrixIsItsShapeWhatIsLeftAndABitForEveryWeight() {
    var values =
        new float[] {
          0, 1, 0, 2, /**/ 3, 4, 0, 0, /**/ 0, 0, 5, 6, //
          0, 0, 0, 7, /**/ 0, 0, 0, 0, /**/ 8, 0, 0, 9
        };
    var source = new InMemoryTensors().put("a.weight", values, 2, 12).put("b", new float[1], 1);
    var packed = new Sparse24Tensors(source, Set.of("a.weight"));
    assertThat(packed.tensors().keySet())
        .containsExactly("a.shape", "a.compressed", "a.bitmask", "b");
    assertThat(packed.tensor("a.shape").shape()).containsExactly(2, 1);
    assertThat(packed.tensor("a.shape").type()).isEqualTo(DataType.I64);
    var shape = ByteBuffer.wrap(bytes(packed, "a.shape")).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(List.of(shape.getLong(), shape.getLong())).containsExactly(2L, 12L);
    assertThat(packed.tensor("a.compressed").shape()).containsExactly(2, 6);
    assertThat(packed.floats("a.compressed"))
        .containsExactly(1, 2, 3, 4, 5, 6, /**/ 0, 7, 0, 0, 8, 9);
    assertThat(packed.tensor("a.bitmask").shape()).containsExactly(2, 2);
    assertThat(packed.tensor("a.bitmask").type()).isEqualTo(DataType.U8);
    // the first weight is the lowest bit; rows begin at a byte
    assertThat(bytes(packed, "a.bitmask"))
        .containsExactly(0b0011_1010, 0b1100, 0b0011_1001, 0b1001);
    assertThat(new Unpacked24Tensors(packed).floats("a.weight")).isEqualTo(values);
  }

  @ParameterizedTest
  @ValueSource(strings = {"f32", "f16", "bf16"})
  void theExportIsTheModelInHalfTheRoom(String name) {
    var target = Targets.of(Optional.of("compressed-tensors"), Optional.empty());
    try (var model = model(true)) {
      var request = new ExportRequest(model, target.type(Optional.of(name)));
      Export.publish(
          target, request, Optional.empty(), folder.resolve("out"), JsonFile.object(), line -> {});
      var config = JsonFile.read(folder.resolve("out/config.json"));
      var settings = config.path("quantization_config");
      assertThat(settings.path("quant_method").asText()).isEqualTo("compressed-tensors");
      var sparsity = settings.path("sparsity_config");
      assertThat(sparsity.path("format").asText()).isEqualTo("sparse-24-bitmask");
      assertThat(sparsity.path("sparsity_structure").asText()).isEqualTo("2:4");
      var types = List.of("float32", "float16", "bfloat16");
      assertThat(config.path("torch_dtype").asText())
          .isEqualTo(types.get(List.of("f32", "f16", "bf16").indexOf(name)));
      try (var written = Safetensors.open(folder.resolve("out/model.safetensors"))) {
        long bytes =
            written.tensors().values().stream()
                .filter(info -> !info.name().endsWith(".shape"))
                .mapToLong(info -> info.bytes())
                .sum();
        // a row of 12 has 4 bits of its bitmask to spare
        assertThat(bytes - target.bytes(request)).isEqualTo(2 * 16 / 2);
      }
    }
  }

  @Test
  void aModelThatIsNotSparseIsRefusedWithTheWayThere() {
    var target = Targets.of(Optional.of("compressed-tensors"), Optional.empty());
    try (var model = model(false)) {
      assertThatThrownBy(() -> target.require(new ExportRequest(model, WeightType.F32)))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "model.layers.0.self_attn.q_proj.weight is not 2:4: in row 0 more than two of four"
                  + " weights from column 0 on are not zero; lorashear sparsify --set pattern=2:4"
                  + " makes it so, without --for any zeros are written");
    }
  }

  @Tag("reference")
  @Test
  void matricesStoredTheOtherWayAreRefused() {
    var target = Targets.of(Optional.of("compressed-tensors"), Optional.empty());
    try (var model =
        Checkpoint.open(ReferenceData.path("reference/families/gpt2"), folder.resolve("cache"))) {
      assertThatThrownBy(() -> target.require(new ExportRequest(model, WeightType.F32)))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "gpt2 stores its matrices (in, out), which are no linears to compressed-tensors:"
                  + " leave --for out");
    }
  }

  @Tag("reference")
  @Test
  void routersAndHeadsAreNamedAsStoredWhole() {
    var target = Targets.of(Optional.of("compressed-tensors"), Optional.empty());
    try (var dense =
        Checkpoint.open(
            ReferenceData.path("reference/families/mixtral"), folder.resolve("cache"))) {
      var tensors = sparse(dense.tensors(), BlockMatrix.of(dense.graph()));
      CheckpointWriter.write(folder.resolve("moe"), dense.config(), tensors, List.of());
    }
    try (var model = Checkpoint.open(folder.resolve("moe"))) {
      var request = new ExportRequest(model, WeightType.F32);
      Export.publish(
          target, request, Optional.empty(), folder.resolve("out"), JsonFile.object(), line -> {});
      var settings = JsonFile.read(folder.resolve("out/config.json")).path("quantization_config");
      assertThat(settings.at("/sparsity_config/ignore"))
          .map(name -> name.asText())
          .contains("lm_head", "model.layers.0.block_sparse_moe.gate")
          .noneMatch(name -> name.contains("experts") || name.contains("proj"));
    }
  }
}
