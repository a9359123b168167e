package io.lorashear.checkpoint.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.safetensors.Safetensors;
import io.lorashear.checkpoint.safetensors.SafetensorsWriter;
import io.lorashear.reference.ReferenceData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftAdapterTest {
  @TempDir Path folder;

  private static PeftAdapter small() {
    var tensors = new InMemoryTensors();
    var pairs =
        List.of(
            new LoraPair("model.layers.0.mlp.up_proj", 2, 4),
            new LoraPair("model.layers.1.mlp.up_proj", 1, 0.5),
            new LoraPair("model.layers.1.self_attn.q_proj", 2, 4));
    for (var pair : pairs) {
      tensors.put(pair.a(), new float[pair.rank() * 3], pair.rank(), 3);
      tensors.put(pair.b(), new float[5 * pair.rank()], 5, pair.rank());
    }
    return new PeftAdapter(pairs, tensors);
  }

  @Test
  void whatIsWrittenIsReadBackAlsoWhereRanksDiffer() {
    small().write(folder, "base");
    try (var read = PeftAdapter.open(folder)) {
      assertThat(read.pairs()).containsExactlyInAnyOrderElementsOf(small().pairs());
      assertThat(read.tensors().tensors().keySet())
          .containsExactlyInAnyOrderElementsOf(small().tensors().tensors().keySet());
    }
    var config = JsonFile.read(folder.resolve("adapter_config.json"));
    assertThat(config.get("target_modules")).hasToString("[\"q_proj\",\"up_proj\"]");
    assertThat(config.get("rank_pattern")).hasToString("{\"model.layers.1.mlp.up_proj\":1}");
    assertThat(config.get("alpha_pattern")).hasToString("{\"model.layers.1.mlp.up_proj\":0.5}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "peft_type | \"IA3\" | the kind 'IA3' (peft_type)",
        "use_dora | true | DoRA (use_dora)",
        "fancy_new_switch | true |"
            + " a LoRA with a setting that could change its result (fancy_new_switch)",
        "alora_invocation_tokens | [1, 2] | aLoRA (alora_invocation_tokens)",
        "peft_type | \"LOHA\" | the kind 'LOHA' (peft_type)",
        "modules_to_save | [\"lm_head\"] | a LoRA with whole modules beside it (modules_to_save)",
        "bias | \"all\" | a LoRA with trained biases (bias)",
        "init_lora_weights | \"pissa_niter_4\" |"
            + " a LoRA that changed the model under it (pissa_niter_4) (init_lora_weights)",
      })
  void anotherKindOfAdapterIsNamed(String field, String value, String what) throws IOException {
    small().write(folder, "base");
    var file = folder.resolve("adapter_config.json");
    var config = JsonFile.read(file);
    config.set(field, new ObjectMapper().readTree(value));
    JsonFile.write(file, config);
    assertThatThrownBy(() -> PeftAdapter.open(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s is %s, which is not read here: merge it into the model with PEFT first",
            file, what);
  }

  @Test
  void whatIsNoAdapterIsSaidToBeNone() throws IOException {
    assertThatThrownBy(() -> PeftAdapter.open(folder))
        .isInstanceOf(InputException.class)
        .hasMessage("%s is no adapter: it has no adapter_config.json as PEFT writes it", folder);
    small().write(folder, "base");
    Files.move(folder.resolve("adapter_model.safetensors"), folder.resolve("adapter_model.bin"));
    assertThatThrownBy(() -> PeftAdapter.open(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s has its weights in adapter_model.bin, a pickled file, which can run code when it is"
                + " read: refused. Convert it once with PEFT:"
                + " AutoPeftModelForCausalLM.from_pretrained(old).save_pretrained(new)",
            folder);
  }

  /** The file with its tensors under other names, and one of numbers beside them if it is named. */
  private void rewrite(UnaryOperator<String> names, @Nullable String more, float... numbers) {
    small().write(folder, "base");
    var file = folder.resolve("adapter_model.safetensors");
    var changed = new InMemoryTensors();
    try (var stored = Safetensors.open(file)) {
      for (var info : stored.tensors().values()) {
        changed.put(names.apply(info.name()), stored.floats(info.name()), info.shape());
      }
    }
    if (more != null) {
      changed.put(more, numbers, numbers.length);
    }
    SafetensorsWriter.write(file, changed);
  }

  @Test
  void theNameATrainerGaveTheAdapterIsNoPartOfIt() {
    rewrite(name -> name.replace(".weight", ".default.weight"), null);
    try (var read = PeftAdapter.open(folder)) {
      assertThat(read.pairs()).containsExactlyInAnyOrderElementsOf(small().pairs());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lm_head.base_layer.weight", "lm_head.weight"})
  void aCopyOfTheModelsTensorIsPassedOverWhereItIsEqual(String name) {
    rewrite(UnaryOperator.identity(), "base_model.model." + name, 1, 2, 3);
    var file = folder.resolve("adapter_model.safetensors");
    var table = "model.embed_tokens.weight";
    var base = new InMemoryTensors().put(table, new float[] {1, 2, 3}, 3);
    try (var read = PeftAdapter.open(folder, base, table)) { // tied: the head is the embedding
      assertThat(read.pairs()).hasSize(3);
      assertThat(read.tensors().tensors()).hasSize(6);
    }
    base.put("lm_head.weight", new float[] {1, 2, 4}, 3);
    assertThatThrownBy(() -> PeftAdapter.open(folder, base, table))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s holds base_model.model.%s, which differs from the model's lm_head.weight: that is"
                + " not the model it was trained on, or the trainer changed it too. Merge the"
                + " adapter into its own model with PEFT first",
            file, name);
    assertThatThrownBy(() -> PeftAdapter.open(folder))
        .hasMessage(
            "%s holds the tensor base_model.model.%s, which is neither A nor B of a LoRA nor a copy"
                + " of a tensor of the model: merge it into the model with PEFT first",
            file, name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "base_model.model.model.embed_tokens.lora_embedding_A | adapts the embedding"
            + " (base_model.model.model.embed_tokens.lora_embedding_A), which is not read here:"
            + " merge it into the model with PEFT first",
        "base_model.model.model.layers.0.mlp.up_proj.lora_magnitude_vector | holds the tensor"
            + " base_model.model.model.layers.0.mlp.up_proj.lora_magnitude_vector, which is neither"
            + " A nor B of a LoRA nor a copy of a tensor of the model: merge it into the model with"
            + " PEFT first",
        "model.layers.0.mlp.up_proj.lora_A.weight | holds the tensor"
            + " model.layers.0.mlp.up_proj.lora_A.weight, but PEFT's names begin with"
            + " base_model.model.: it would use none of it either",
        "base_model.model.model.layers.0.mlp.up_proj.lora_A.other.weight | holds"
            + " base_model.model.model.layers.0.mlp.up_proj.lora_A.other.weight and"
            + " base_model.model.model.layers.0.mlp.up_proj.lora_A.weight: two adapters in one file"
            + " are not read here: save each by itself"
      })
  void aTensorThatCannotBeUsedIsNamedWithTheWayOut(String name, String message) {
    rewrite(UnaryOperator.identity(), name, 1, 2);
    var base = new InMemoryTensors().put("model.embed_tokens.weight", new float[2], 2);
    assertThatThrownBy(() -> PeftAdapter.open(folder, base, "model.embed_tokens.weight"))
        .isInstanceOf(InputException.class)
        .hasMessage("%s %s", folder.resolve("adapter_model.safetensors"), message);
  }

  /** One pattern as PEFT's documentation writes it, one of a module's last words. */
  @Test
  void patternsGiveRanksAndScales() {
    small().write(folder, "base");
    var file = folder.resolve("adapter_config.json");
    var config = JsonFile.read(file).put("r", 1).put("lora_alpha", 3.0).put("use_rslora", true);
    config.putObject("rank_pattern").put("^model.layers.0.mlp.up_proj", 2).put("q_proj", 2);
    config.putObject("alpha_pattern").put("layers\\.0\\..*", 6.0);
    JsonFile.write(file, config);
    try (var read = PeftAdapter.open(folder)) {
      assertThat(read.pairs())
          .containsExactlyInAnyOrder(
              new LoraPair("model.layers.0.mlp.up_proj", 2, 6 / Math.sqrt(2)),
              new LoraPair("model.layers.1.mlp.up_proj", 1, 3),
              new LoraPair("model.layers.1.self_attn.q_proj", 2, 3 / Math.sqrt(2)));
    }
  }

  @Test
  void aPatternThatGivesNoNumberIsRefused() {
    small().write(folder, "base");
    var file = folder.resolve("adapter_config.json");
    var config = JsonFile.read(file);
    config.putObject("alpha_pattern").put("up_proj", "much");
    JsonFile.write(file, config);
    assertThatThrownBy(() -> PeftAdapter.open(folder))
        .isInstanceOf(InputException.class)
        .hasMessage("%s: alpha_pattern gives up_proj the value \"much\", which is no number", file);
  }

  @Test
  void aRankThatDoesNotFitIsRefused() {
    small().write(folder, "base");
    var file = folder.resolve("adapter_config.json");
    JsonFile.write(file, JsonFile.read(file).put("r", 3));
    assertThatThrownBy(() -> PeftAdapter.open(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s: A and B of model.layers.0.mlp.up_proj are model.layers.0.mlp.up_proj.lora_A.weight"
                + " F32 [2, 3] and model.layers.0.mlp.up_proj.lora_B.weight F32 [5, 2],"
                + " not matrices of rank 3 as adapter_config.json says",
            folder.resolve("adapter_model.safetensors"));
  }

  @Test
  @Tag("reference")
  void whatPeftWroteIsRead() {
    try (var plain = PeftAdapter.open(ReferenceData.path("reference/families/llama/peft-adapter"));
        var stabilised =
            PeftAdapter.open(ReferenceData.path("reference/families/llama/peft-adapter-rslora"))) {
      assertThat(plain.pairs())
          .hasSize(12)
          .allSatisfy(pair -> assertThat(pair.rank()).isEqualTo(4))
          .allSatisfy(pair -> assertThat(pair.scale()).isCloseTo(2, within(1e-12)));
      assertThat(stabilised.pairs())
          .isNotEmpty()
          .allSatisfy(pair -> assertThat(pair.scale()).isCloseTo(4, within(1e-12)));
      assertThat(plain.tensors().tensor("model.layers.0.self_attn.q_proj.lora_A.weight").shape())
          .containsExactly(4, 64);
    }
  }
}
