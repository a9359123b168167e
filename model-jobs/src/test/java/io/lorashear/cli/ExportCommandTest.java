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
    assertThat(text)
        .contains("lorashear        yes\n", "transformers 4   no       widths differ by layer")
        .contains("4,368 parameters, 8,736 bytes: " + out);
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
    output(model(), "--out", out.toString(), "--torchscript=losses", "--type", "bf16");
    assertThat(out.resolve("model.pt")).exists();
    assertThat(out.resolve("model.safetensors")).doesNotExist();
  }

  @Test
  void anAdapterIsNoScript() {
    var command = new ExportCommand();
    new CommandLine(command).parseArgs("x", "--out", "y", "--torchscript", "--adapter-base", "z");
    assertThatThrownBy(command::call)
        .isInstanceOf(InputException.class)
        .hasMessage(
            "--torchscript and --adapter-base are both given: an adapter is no model that runs"
                + " alone; give one of them");
  }

  @Test
  void helpShowsAnExample() {
    assertThat(output("--help")).contains("lorashear export runs/recovered --out exported");
  }
}
