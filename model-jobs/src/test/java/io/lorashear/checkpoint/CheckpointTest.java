package io.lorashear.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import io.lorashear.reference.ReferenceData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointTest {
  @TempDir Path folder;

  private Path written(ModelConfig config, TensorSource tensors, List<Path> companions) {
    var target = folder.resolve("model");
    CheckpointWriter.write(target, config, tensors, companions);
    return target;
  }

  private Path written(ModelConfig config) {
    return written(config, SmallModels.weights(config, 1), List.of());
  }

  private Path tokenizer(int tokens) throws IOException {
    var json = JsonFile.object();
    var vocabulary = json.putObject("model").put("type", "BPE").putObject("vocab");
    for (int id = 0; id < tokens; id++) {
      vocabulary.put("t" + id, id);
    }
    var file = Files.createDirectories(folder.resolve("from")).resolve("tokenizer.json");
    JsonFile.write(file, json);
    return file;
  }

  private static void refuses(Path path, String message) {
    assertThatThrownBy(() -> Checkpoint.open(path))
        .isInstanceOf(InputException.class)
        .hasMessage(message.replace("DIR", path.toString()));
  }

  @Test
  void whatIsWrittenOpensAgain() throws IOException {
    for (var config : List.of(SmallModels.uniform(), SmallModels.uneven())) {
      var weights = SmallModels.weights(config, 3);
      try (var model = Checkpoint.open(written(config, weights, List.of(tokenizer(20))))) {
        assertThat(model.config().layers()).isEqualTo(config.layers());
        for (var name : weights.tensors().keySet()) {
          assertThat(model.tensors().floats(name)).isEqualTo(weights.floats(name));
        }
        assertThat(model.tokenizer()).exists();
      }
    }
  }

  /** As the first GPT-2 lies on the hub: without its head, and with the masks of its attention. */
  @Test
  void aModelSavedWithoutItsHeadIsWhole() {
    var fields = JsonFile.object().put("model_type", "gpt2").put("n_embd", 8).put("n_layer", 2);
    fields.put("n_head", 2).put("n_positions", 5).put("vocab_size", 9);
    var config = ModelConfig.parse(fields, "a test");
    var weights = SmallModels.weights(config, 3);
    var stored = new InMemoryTensors();
    stored.put("h.0.attn.bias", new float[25], 1, 1, 5, 5);
    for (var info : weights.tensors().values()) {
      var name = info.name().substring("transformer.".length());
      stored.put(name, weights.floats(info.name()), info.shape());
    }
    try (var model = Checkpoint.open(written(config, stored, List.of()))) {
      assertThat(model.tensors().floats("transformer.h.1.ln_2.bias"))
          .isEqualTo(weights.floats("transformer.h.1.ln_2.bias"));
    }
  }

  @Test
  void theSameModelGivesTheSameBytes() throws IOException {
    var config = SmallModels.uneven();
    CheckpointWriter.publish(
        folder.resolve("a"), config, SmallModels.weights(config, 3), List.of(), JsonFile.object());
    CheckpointWriter.publish(
        folder.resolve("b"), config, SmallModels.weights(config, 3), List.of(), JsonFile.object());
    try (var a = Checkpoint.open(folder.resolve("a"));
        var b = Checkpoint.open(folder.resolve("b"))) {
      assertThat(a.hash()).isEqualTo(b.hash());
    }
    assertThat(folder.resolve("a/manifest.json"))
        .hasSameBinaryContentAs(folder.resolve("b/manifest.json"));
  }

  @Test
  void evenWidthsGoIntoThePlainFields() {
    var config = SmallModels.llama(new LayerWidths(2, 1, 20), new LayerWidths(2, 1, 20));
    var fields = JsonFile.read(written(config).resolve("config.json"));
    assertThat(fields.get("intermediate_size").asInt()).isEqualTo(20);
    assertThat(fields.get("num_attention_heads").asInt()).isEqualTo(2);
    assertThat(fields.get("num_key_value_heads").asInt()).isEqualTo(1);
    assertThat(fields.get("head_dim").asInt()).isEqualTo(4);
    assertThat(fields.get("architectures").get(0).asText()).isEqualTo("LlamaForCausalLM");
    assertThat(fields.has("per_layer_config")).isFalse();
  }

  /** No reader of the plain fields takes it for its own; the file beside it builds the model. */
  @Test
  void unevenWidthsHaveATypeAndAModellingFileOfTheirOwn() throws IOException {
    var directory = written(SmallModels.uneven());
    var fields = JsonFile.read(directory.resolve("config.json"));
    assertThat(fields.get("model_type").asText()).isEqualTo("lorashear");
    assertThat(fields.get("base_model_type").asText()).isEqualTo("llama");
    assertThat(fields.get("architectures")).hasToString("[\"LoRAShearForCausalLM\"]");
    assertThat(fields.get("layer_widths"))
        .hasToString(
            "[{\"intermediate_size\":20,\"num_attention_heads\":4,\"num_key_value_heads\":2},"
                + "{\"intermediate_size\":24,\"num_attention_heads\":2,\"num_key_value_heads\":1}]");
    for (var file : fields.get("auto_map")) {
      var named = file.asText().split("\\.");
      assertThat(Files.readString(directory.resolve(named[0] + ".py")))
          .contains("\nBASE = \"llama\"\n", "\nclass " + named[1] + "(");
    }
    fields.withArray("layer_widths").remove(1);
    JsonFile.write(directory.resolve("config.json"), fields);
    refuses(
        directory,
        "DIR/config.json: layer_widths has 1 entries for 2 layers: one object a layer is needed");
  }

  /**
   * As they were published before: tensors contradict the plain fields where that field is lost.
   */
  @Test
  void widthsInPerLayerConfigAreStillRead() {
    var directory = written(SmallModels.uneven());
    var fields = SmallModels.uneven().fields();
    JsonFile.write(directory.resolve("config.json"), fields);
    try (var model = Checkpoint.open(directory)) {
      assertThat(model.config().layers()).isEqualTo(SmallModels.uneven().layers());
    }
    fields.remove("per_layer_config");
    JsonFile.write(directory.resolve("config.json"), fields);
    refuses(
        directory,
        "DIR: tensor model.layers.0.mlp.gate_proj.weight is F32 [20, 16], but DIR/config.json asks"
            + " for floating numbers in [24, 16]");
  }

  @Test
  void whatIsNotThereIsSaid() throws IOException {
    refuses(
        folder.resolve("nothing"),
        "DIR does not exist: give a Hugging Face directory (config.json, model.safetensors,"
            + " tokenizer.json) or a .gguf file");
    refuses(
        folder,
        "DIR is empty: give a Hugging Face directory (config.json, model.safetensors,"
            + " tokenizer.json) or a .gguf file");
    Files.createFile(folder.resolve("some.gguf"));
    refuses(folder, "DIR has no config.json, but some.gguf: give that file");
    Files.delete(folder.resolve("some.gguf"));
    Files.createFile(folder.resolve("notes.txt"));
    refuses(folder, "DIR has no config.json: it is no Hugging Face directory");
  }

  @Test
  void pickledWeightsAreRefused() throws IOException {
    var directory = written(SmallModels.uniform());
    Files.move(directory.resolve("model.safetensors"), directory.resolve("pytorch_model.bin"));
    refuses(
        directory,
        "DIR has its weights in pytorch_model.bin, a pickled file, which can run code when it is"
            + " read: refused. Convert it once with transformers:"
            + " AutoModelForCausalLM.from_pretrained(old).save_pretrained(new)");
    Files.delete(directory.resolve("pytorch_model.bin"));
    refuses(
        directory,
        "DIR has neither model.safetensors nor model.safetensors.index.json:"
            + " the weights are missing");
  }

  @Test
  void aTokenizerThatDoesNotFitTheModelIsNamed() throws IOException {
    var config = SmallModels.uniform();
    var directory = written(config, SmallModels.weights(config, 1), List.of(tokenizer(33)));
    refuses(
        directory,
        "DIR/tokenizer.json has 33 tokens, but the model's embedding has 32 rows:"
            + " use the tokenizer that came with the model");
  }

  /** A padding token that was added where the embedding has no row for it, as fine-tuners do. */
  @Test
  void tokensThatWereAddedBeyondTheRowsMayBeThere() throws IOException {
    var config = SmallModels.uniform();
    var file = tokenizer(32);
    var json = JsonFile.read(file);
    json.putArray("added_tokens").addObject().put("id", 34).put("content", "<pad>");
    JsonFile.write(file, json);
    var weights = SmallModels.weights(config, 1);
    try (var model = Checkpoint.open(written(config, weights, List.of(file)))) {
      assertThat(model.tokenizer()).exists();
    }
    ((ObjectNode) json.at("/model/vocab")).put("<pad>", 34).put("a word", 33);
    JsonFile.write(file, json);
    refuses(
        written(config, weights, List.of(file)),
        "DIR/tokenizer.json has 34 tokens, but the model's embedding has 32 rows:"
            + " use the tokenizer that came with the model");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "none | [\"input_ids\",\"attention_mask\"]",
        "{\"tokenizer_class\": \"PreTrainedTokenizerFast\", \"unk_token\": null} |"
            + " [\"input_ids\",\"attention_mask\"]",
        "{\"tokenizer_class\": \"LlamaTokenizerFast\"} | none",
        "{\"model_input_names\": [\"input_ids\"]} | [\"input_ids\"]"
      })
  void whatIsWrittenBesideATokenizerGeneratesInTransformers4(String said, String inputs)
      throws IOException {
    var tokenizer = tokenizer(20);
    Files.setPosixFilePermissions(tokenizer, PosixFilePermissions.fromString("rw-------"));
    var companions = new ArrayList<>(List.of(tokenizer));
    if (!said.equals("none")) {
      companions.add(Files.writeString(tokenizer.resolveSibling("tokenizer_config.json"), said));
    }
    var config = SmallModels.uniform();
    var model = written(config, SmallModels.weights(config, 1), companions);
    var written = JsonFile.read(model.resolve("tokenizer_config.json"));
    assertThat(written.path("model_input_names").toString())
        .isEqualTo(inputs.equals("none") ? "" : inputs);
    assertThat(Files.getPosixFilePermissions(model.resolve("tokenizer.json")))
        .isEqualTo(Files.getPosixFilePermissions(model.resolve("model.safetensors")));
  }

  @Test
  void aModelWithoutTokenizerOpensAndSaysSoWhenAsked() {
    try (var model = Checkpoint.open(written(SmallModels.uniform()))) {
      assertThat(model.hasTokenizer()).isFalse();
      assertThatThrownBy(model::tokenizer)
          .hasMessage(
              "%s has no tokenizer.json: make one with transformers,"
                  + " AutoTokenizer.from_pretrained(model).save_pretrained(model)",
              model.path());
    }
  }

  @Test
  void tensorsThatAreMissingOrTooManyAreNamed() {
    var config = SmallModels.uniform();
    var weights = SmallModels.weights(config, 1);
    var lacking = new InMemoryTensors();
    weights.tensors().keySet().stream()
        .filter(name -> !name.equals("model.norm.weight"))
        .forEach(name -> lacking.put(name, weights.floats(name), weights.tensor(name).shape()));
    refuses(
        written(config, lacking, List.of()),
        "DIR lacks the tensor model.norm.weight, which DIR/config.json asks for:"
            + " it is not the whole model");
    weights.put("model.layers.0.self_attn.q_norm.weight", new float[4], 4);
    refuses(
        written(config, weights, List.of()),
        "DIR holds the tensor model.layers.0.self_attn.q_norm.weight, which the llama model of"
            + " DIR/config.json does not use: leaving it out would change the result");
  }

  @Test
  void layersWithoutWeightsAreNotBuilt() {
    var directory = written(SmallModels.uniform());
    var file = directory.resolve("config.json");
    JsonFile.write(file, JsonFile.read(file).put("num_hidden_layers", 16_000_000));
    refuses(
        directory,
        "DIR/config.json: num_hidden_layers is 16000000, but the weights have 21 tensors:"
            + " it is not the whole model");
  }

  @Test
  void computedFrequenciesInOldFilesAreNoTensorTooMany() {
    var config = SmallModels.uniform();
    var weights = SmallModels.weights(config, 1);
    weights.put("model.layers.0.self_attn.rotary_emb.inv_freq", new float[2], 2);
    try (var model = Checkpoint.open(written(config, weights, List.of()))) {
      assertThat(model.graph().parameters()).hasSize(21);
    }
  }

  @Test
  void damagedJsonIsNamedWithItsLine() throws IOException {
    var directory = written(SmallModels.uniform());
    Files.writeString(directory.resolve("config.json"), "{\n \"model_type\": \n}");
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(directory.resolve("config.json") + " is not valid JSON, line 3: ");
  }

  @Test
  void thePlainFieldsOfTheDenseModelAreKept() {
    ObjectNode fields = JsonFile.read(written(SmallModels.uniform()).resolve("config.json"));
    assertThat(fields.get("rms_norm_eps").asDouble()).isEqualTo(1e-5);
    assertThat(fields.get("torch_dtype").asText()).isEqualTo("float32");
    var generation = JsonFile.read(folder.resolve("model/generation_config.json"));
    assertThat(generation.get("eos_token_id").asInt()).isEqualTo(2);
  }

  @Test
  @Tag("reference")
  void directoriesThatTransformersWroteOpen() {
    for (var name :
        List.of(
            "families/llama",
            "families/llama3-rope",
            "families/llama-mha-bias",
            "stories260K-hf")) {
      try (var model = Checkpoint.open(ReferenceData.path("reference/" + name))) {
        assertThat(model.tensors().tensors()).isNotEmpty();
      }
    }
  }
}
