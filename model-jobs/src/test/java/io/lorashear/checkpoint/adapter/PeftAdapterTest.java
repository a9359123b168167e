package io.lorashear.checkpoint.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.reference.ReferenceData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
