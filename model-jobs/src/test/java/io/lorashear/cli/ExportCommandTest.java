package io.lorashear.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
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
    int code = new CommandLine(new ExportCommand()).setOut(new PrintWriter(text)).execute(options);
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
        "--for trasformers is not known: choose one of transformers, vllm, mlx, peft, torchscript;"
            + " did you mean transformers?",
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
  }

  @Test
  void aProgramThatCannotBeToldTheWidthsIsRefused() {
    var options = new String[] {model(), "--out", folder.resolve("out").toString(), "--for", "mlx"};
    var command = new ExportCommand();
    new CommandLine(command).parseArgs(options);
    assertThatThrownBy(command::call)
        .hasMessage(
            "mlx cannot be told that widths differ by layer, as in %s: export --for torchscript,"
                + " or prune all layers alike",
            folder.resolve("model"));
  }

  @Test
  void helpShowsAnExample() {
    assertThat(output("--help")).contains("lorashear export runs/recovered --out exported");
  }
}
