package io.lorashear.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.family.ModelConfig;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads that are the embedding, by the configuration or by the file. */
class TiedHeadTest {
  @TempDir Path folder;

  private Path written(ModelConfig config, TensorSource tensors) {
    var target = folder.resolve("model");
    CheckpointWriter.write(target, config, tensors, List.of());
    return target;
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "gpt_neox"})
  void aTiedWeightMayBeStoredUnderTheHeadsNameAlone(String type) {
    boolean neox = type.equals("gpt_neox");
    var fields = SmallModels.uniform().fields().deepCopy().put("model_type", type);
    if (neox) {
      fields.remove(List.of("num_key_value_heads", "rms_norm_eps", "rope_theta"));
      fields.put("rotary_pct", 1.0);
    }
    var config = ModelConfig.parse(fields.put("tie_word_embeddings", true), "a test");
    var table = neox ? "gpt_neox.embed_in.weight" : "model.embed_tokens.weight";
    var head = neox ? "embed_out.weight" : "lm_head.weight";
    var weights = SmallModels.weights(config, 3);
    var stored = new InMemoryTensors();
    for (var info : weights.tensors().values()) {
      var name = info.name().equals(table) ? head : info.name();
      stored.put(name, weights.floats(info.name()), info.shape());
    }
    try (var model = Checkpoint.open(written(config, stored))) {
      assertThat(model.tensors().floats(table)).isEqualTo(weights.floats(table));
      assertThat(model.tensors().tensors()).doesNotContainKey(head);
    }
    fields.put("tie_word_embeddings", false);
    JsonFile.write(folder.resolve("model/config.json"), fields);
    assertThatThrownBy(() -> Checkpoint.open(folder.resolve("model")))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%1$s lacks the tensor %2$s, which %1$s/config.json asks for: it is not the whole"
                + " model",
            folder.resolve("model"), table);
  }

  /** An adapter that was merged into a head leaves the configuration's flag as it was. */
  @ParameterizedTest
  @CsvSource({
    "llama, model.embed_tokens.weight, lm_head.weight",
    "gpt_neox, gpt_neox.embed_in.weight, embed_out.weight",
    "gpt2, transformer.wte.weight, lm_head.weight"
  })
  void aHeadOfItsOwnIsKeptThoughTheConfigurationCallsItTied(
      String type, String table, String head) {
    var fields = SmallModels.uniform().fields().deepCopy();
    fields.put("model_type", type).put("tie_word_embeddings", false);
    if (type.startsWith("gpt")) {
      fields.remove(List.of("num_key_value_heads", "rms_norm_eps", "mlp_bias", "attention_bias"));
      fields.remove(List.of("rope_theta", "head_dim", "hidden_act"));
    }
    if (type.equals("gpt_neox")) {
      fields.put("rotary_pct", 1.0);
    }
    var own = ModelConfig.parse(fields, "own");
    var weights = SmallModels.weights(own, 2);
    fields.put("tie_word_embeddings", true);
    var tied = ModelConfig.parse(fields, "tied");
    try (var model = Checkpoint.open(written(tied, weights))) {
      assertThat(model.config().tiedEmbeddings()).isFalse();
      assertThat(model.graph().parameters()).containsKey(head);
      assertThat(model.tensors().floats(head)).isEqualTo(weights.floats(head));
      var again = folder.resolve("again");
      CheckpointWriter.write(again, model.config(), model.tensors(), List.of());
      assertThat(JsonFile.read(again.resolve("config.json")).get("tie_word_embeddings").asBoolean())
          .isFalse();
    }
    weights.put(head, weights.floats(table), weights.tensor(table).shape());
    try (var model = Checkpoint.open(written(tied, weights))) {
      assertThat(model.config().tiedEmbeddings()).isTrue();
      assertThat(model.graph().parameters()).doesNotContainKey(head);
    }
  }
}
