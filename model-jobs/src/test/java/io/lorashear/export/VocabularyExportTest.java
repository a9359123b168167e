package io.lorashear.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.gguf.Gguf;
import io.lorashear.method.PruneSettings;
import io.lorashear.prune.PruneStage;
import io.lorashear.run.Progress;
import io.lorashear.settings.Settings;
import io.lorashear.vocabulary.TextModel;
import io.lorashear.vocabulary.VocabularyMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VocabularyExportTest {
  @TempDir Path folder;

  private Path pruned() throws IOException {
    TextModel.write(folder, false, 2);
    var settings =
        Settings.defaults(
            PruneSettings.class,
            List.of(
                "checkpoint=" + folder.resolve("dense"),
                "corpus=" + folder.resolve("corpus"),
                "output=" + folder.resolve("pruned"),
                "method=magnitude",
                "ratio=0.1",
                "vocabulary.enabled=true",
                "vocabulary.tokens=0.2"));
    return PruneStage.run(settings, false, Device.cpu(), Progress.silent()).directory();
  }

  /** Each export compares its own tokens and logits with the model's before it is published. */
  private Path export(Target target, Checkpoint model, String name) {
    var request = new ExportRequest(model, WeightType.F32);
    var out = folder.resolve(name);
    Export.publish(target, request, Optional.empty(), out, JsonFile.object(), said -> {});
    return out;
  }

  @Test
  void everyProgramGetsTheSmallerVocabulary() throws IOException {
    try (var model = Checkpoint.open(pruned())) {
      var tokenizer = JsonFile.read(model.tokenizer()).path("model");
      int rows = model.config().vocabularySize();
      assertThat(tokenizer.path("vocab").size())
          .isEqualTo(rows)
          .isLessThan(
              JsonFile.read(folder.resolve("dense/config.json")).path("vocab_size").asInt());
      try (var exported = Checkpoint.open(export(new HfExport("transformers"), model, "hf"))) {
        assertThat(exported.config().vocabularySize()).isEqualTo(rows);
        assertThat(VocabularyMap.of(exported).orElseThrow().kept())
            .isEqualTo(VocabularyMap.of(model).orElseThrow().kept());
      }
      var file = export(new GgufExport(), model, "gguf").resolve("model-f32.gguf");
      try (var gguf = Gguf.open(file)) {
        assertThat(gguf.tokenizer().path("model").path("vocab").size()).isEqualTo(rows);
        assertThat(gguf.tokenizer().path("model").path("merges").size())
            .isEqualTo(tokenizer.path("merges").size());
        assertThat(gguf.tensor("model.embed_tokens.weight").shape()).containsExactly(rows, 16);
        assertThat(gguf.tensor("lm_head.weight").shape()).containsExactly(rows, 16);
      }
      export(new TorchScriptExport(), model, "script");
    }
  }
}
