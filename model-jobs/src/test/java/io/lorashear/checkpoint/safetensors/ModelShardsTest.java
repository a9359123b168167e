package io.lorashear.checkpoint.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.JsonFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelShardsTest {
  @TempDir Path folder;

  private static InMemoryTensors model() {
    return new InMemoryTensors()
        .put("c", new float[] {5, 6, 7}, 3)
        .put("a", new float[] {1, 2}, 2)
        .put("b", new float[] {3, 4}, 1, 2);
  }

  @Test
  void whatDoesNotFitIntoOneFileIsInSeveralUnderAnIndex() throws Exception {
    Files.writeString(folder.resolve("model.safetensors"), "an earlier model");
    ModelShards.write(folder, model(), 16);

    var index = JsonFile.read(folder.resolve("model.safetensors.index.json"));
    assertThat(index.toString())
        .isEqualTo(
            "{\"metadata\":{\"total_size\":28},\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\","
                + "\"b\":\"model-00001-of-00002.safetensors\",\"c\":\"model-00002-of-00002.safetensors\"}}");
    assertThat(folder.resolve("model.safetensors")).doesNotExist();
    try (var read = ModelShards.open(folder)) {
      assertThat(read.tensors()).containsOnlyKeys("a", "b", "c");
      assertThat(read.floats("b")).containsExactly(3, 4);
      assertThat(read.floats("c")).containsExactly(5, 6, 7);
    }
  }

  @Test
  void aTensorLargerThanAFileHasOneOfItsOwn() {
    ModelShards.write(folder, model(), 4);
    try (var read = ModelShards.open(folder)) {
      assertThat(read.floats("a")).containsExactly(1, 2);
    }
    assertThat(folder.resolve("model-00003-of-00003.safetensors")).exists();
  }

  @Test
  void whatFitsIsOneFile() {
    ModelShards.write(folder, model(), 16);
    ModelShards.write(folder, model(), 28);
    assertThat(folder.resolve("model.safetensors")).exists();
    assertThat(folder.resolve("model.safetensors.index.json")).doesNotExist();
  }
}
