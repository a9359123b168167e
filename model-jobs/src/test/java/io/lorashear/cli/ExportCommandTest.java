package io.lorashear.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.SmallModels;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ExportCommandTest {
  @TempDir Path folder;

  private String output(String... options) {
    var text = new StringWriter();
    var both = new PrintWriter(text);
    int code = new CommandLine(new ExportCommand()).setOut(both).setErr(both).execute(options);
    assertThat(code).isZero();
    return text.toString();
  }

  private String model() {
    var config = SmallModels.uneven();
    CheckpointWriter.write(
        folder.resolve("model"), config, SmallModels.weights(config, 1), List.of());
    return folder.resolve("model").toString();
  }

  @Test
  void theProgramsThatLoadItAreNamedBeforeItIsWritten() {
    var out = folder.resolve("out");
    var text = output(model(), "--out", out.toString(), "--type", "bf16", "--dry-run");
    assertThat(text).contains("for transformers: 4,368 parameters, 8,736 bytes (bf16): " + out);
    assertThat(out).doesNotExist();
  }

  @Test
  void theExportOpens() {
    var out = folder.resolve("out");
    output(model(), "--out", out.toString());
    try (var exported = Checkpoint.open(out)) {
      assertThat(exported.config().layers()).isEqualTo(SmallModels.uneven().layers());
    }
  }

  @Test
  void aTorchScriptFileIsWrittenInstead() {
    var out = folder.resolve("out");
    output(
        model(),
        "--out",
        out.toString(),
        "--format",
        "torchscript",
        "--answer",
        "losses",
        "--type",
        "bf16");
    assertThat(out.resolve("model.pt")).exists();
    assertThat(out.resolve("model.safetensors")).doesNotExist();
  }

  private static void expectRefusal(String message, String... options) {
    var command = new ExportCommand();
    var all = new ArrayList<>(List.of("x", "--out", "y"));
    all.addAll(List.of(options));
    new CommandLine(command).parseArgs(all.toArray(String[]::new));
    assertThatThrownBy(command::call).isInstanceOf(InputException.class).hasMessage(message);
  }

  @Test
  void whatTheFormerWordsAreCalledNowIsTold() {
    expectRefusal("--torchscript is now --for torchscript --answer losses", "--torchscript=losses");
    expectRefusal("--torchscript is now --for torchscript", "--torchscript");
    expectRefusal("--adapter-base is now --for peft --base z", "--adapter-base", "z");
  }

  @Test
  void programsAndFormsMustBeKnownAndGoTogether() {
    expectRefusal(
        "--for trasformers is not known: choose one of transformers, vllm, mlx, llama.cpp, peft,"
            + " torchscript, compressed-tensors; did you mean transformers?",
        "--for",
        "trasformers");
    expectRefusal(
        "--for peft and --format hf do not go together: peft reads adapter; leave --format out",
        "--for",
        "peft",
        "--format",
        "hf");
    expectRefusal(
        "--base is for --for peft, not for transformers: leave it out", "--base", "somebody/model");
    expectRefusal(
        "--answer is for --for torchscript, not for vllm: leave it out",
        "--for",
        "vllm",
        "--answer",
        "losses");
    expectRefusal(
        "--native is for --for transformers, not for mlx: leave it out",
        "--for",
        "mlx",
        "--native");
    expectRefusal(
        "--transformers is for config.json, which torchscript does not read: leave it out",
        "--for",
        "torchscript",
        "--transformers",
        "4");
    expectRefusal("--transformers 3: give 4 or 5, or leave it out for both", "--transformers", "3");
  }

  @Test
  void configJsonIsWrittenForTheVersionThatWasAskedFor() {
    var out = folder.resolve("out");
    var model = model();
    assertThat(output(model, "--out", out.toString(), "--native", "--transformers", "5"))
        .contains("note: transformers: 5.24 reads such a per_layer_config, but none of its models");
    var fields = JsonFile.read(out.resolve("config.json"));
    assertThat(fields.get("model_type").asText()).isEqualTo("llama");
    assertThat(fields.get("architectures")).hasToString("[\"LlamaForCausalLM\"]");
    assertThat(fields.get("per_layer_config"))
        .hasToString(
            "{\"0\":{\"intermediate_size\":20},\"1\":{\"num_attention_heads\":2,"
                + "\"num_key_value_heads\":1}}");
    assertThat(fields.get("rope_parameters"))
        .hasToString("{\"rope_type\":\"default\",\"rope_theta\":10000.0}");
    assertThat(fields.has("rope_theta") || fields.has("torch_dtype")).isFalse();
    assertThat(out.resolve("modeling_lorashear.py")).doesNotExist();

    output(model, "--out", out.toString(), "--transformers", "4");
    assertThat(JsonFile.read(out.resolve("config.json")).has("rope_parameters")).isFalse();
    assertThat(out.resolve("modeling_lorashear.py")).isNotEmptyFile();
  }

  @Test
  void aProgramThatCannotBeToldTheWidthsIsRefused() {
    var options = new String[] {model(), "--out", folder.resolve("out").toString(), "--for", "mlx"};
    var command = new ExportCommand();
    new CommandLine(command).parseArgs(options);
    assertThatThrownBy(command::call)
        .hasMessage(
            "%s: block_configs, the form of vLLM and MLX-LM, cannot say this model: query heads"
                + " must be as many in all layers, here they are from 2 to 4; export --for"
                + " transformers, --for torchscript or --for llama.cpp, or prune with --set"
                + " shape=deci",
            folder.resolve("model/config.json"));
  }

  @Test
  void helpShowsAnExample() {
    assertThat(output("--help")).contains("lorashear export runs/recovered --out exported");
  }
}
