package io.lorashear.checkpoint.gguf.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.Gguf;
import io.lorashear.checkpoint.gguf.GgufBytes;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of architecture llama with experts: Mixtral. */
class ExpertsTest {
  private static final List<String> KINDS = List.of("gate", "down", "up");

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("model.gguf");
  }

  @Test
  void expertsInOneTensorAreApart() {
    try (var model = Gguf.open(GgufBytes.mixtral().write(file()))) {
      var name = "model.layers.0.block_sparse_moe.experts.%d.w3.weight";
      for (int expert = 0; expert < 3; expert++) {
        var numbers = model.floats(name.formatted(expert));
        assertThat(numbers).hasSize(64).startsWith(64 * expert, 64 * expert + 1);
        assertThat(model.tensor(name.formatted(expert)).shape()).containsExactly(8, 8);
      }
      assertThat(model.tensor("model.layers.0.block_sparse_moe.gate.weight").shape())
          .containsExactly(3, 8);
      var config = model.config();
      assertThat(config.get("model_type").asText()).isEqualTo("mixtral");
      assertThat(config.get("num_local_experts").asInt()).isEqualTo(3);
      assertThat(config.get("num_experts_per_tok").asInt()).isEqualTo(2);
    }
  }

  /** As converters wrote them before they were merged. */
  @Test
  void expertsInTensorsOfTheirOwnHaveTheSameNames() {
    var content = GgufBytes.mixtral();
    KINDS.forEach(kind -> content.without("blk.0.ffn_" + kind + "_exps.weight"));
    for (int expert = 0; expert < 3; expert++) {
      for (var kind : KINDS) {
        content.counting("blk.0.ffn_" + kind + "." + expert + ".weight", 8, 8);
      }
    }
    try (var apart = Gguf.open(content.write(folder.resolve("apart.gguf")));
        var together = Gguf.open(GgufBytes.mixtral().write(file()))) {
      assertThat(apart.tensors().keySet())
          .containsExactlyInAnyOrderElementsOf(together.tensors().keySet());
    }
  }

  @Test
  void expertsThatAreNotAsManyAsTheMetadataSayAreRefused() {
    var content = GgufBytes.mixtral().counting("blk.0.ffn_up_exps.weight", 8, 8, 2).write(file());
    assertThatThrownBy(() -> Gguf.open(content))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s: tensor blk.0.ffn_up_exps.weight has the shape [2, 8, 8], not that of 3 matrices,"
                + " one an expert",
            content);
  }

  @Test
  void oneExpertTwiceIsRefused() {
    var content = GgufBytes.mixtral().counting("blk.0.ffn_up.1.weight", 8, 8).write(file());
    assertThatThrownBy(() -> Gguf.open(content))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s: tensor blk.0.ffn_up.1.weight is"
                + " model.layers.0.block_sparse_moe.experts.1.w3.weight, which another tensor is too",
            content);
  }
}
