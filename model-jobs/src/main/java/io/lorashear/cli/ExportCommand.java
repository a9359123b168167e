package io.lorashear.cli;

import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.export.AdapterExport;
import io.lorashear.export.Compatibility;
import io.lorashear.export.HfExport;
import io.lorashear.export.TorchScriptExport;
import io.lorashear.run.DiskSpace;
import io.lorashear.run.Publication;
import io.lorashear.torch.TorchScriptFile.Answer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear export}: a model for other programs. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a model as a Hugging Face directory, after saying which programs will load its"
          + " widths.",
      "With --torchscript: writes one file that runs in DJL, libtorch and Python, whatever its"
          + " widths.",
      "With --adapter-base: writes the LoRA pairs of a recovered model as an adapter for PEFT."
    },
    footer = {
      "",
      "Examples:",
      "  lorashear export runs/recovered --out exported --type bf16",
      "  lorashear export models/smollm2.gguf --out models/smollm2",
      "  lorashear export runs/recovered --out script --torchscript",
      "  lorashear export runs/recovered --out adapter --adapter-base runs/pruned"
    })
public final class ExportCommand implements Callable<Integer> {
  /** Number types weights can be written in. */
  enum Type {
    f32(DataType.F32),
    f16(DataType.F16),
    bf16(DataType.BF16);

    private final DataType stored;

    Type(DataType stored) {
      this.stored = stored;
    }
  }

  /** What a TorchScript file answers. */
  enum Script {
    logits(Answer.LOGITS),
    losses(Answer.TOKEN_LOSSES);

    private final Answer answer;

    Script(Answer answer) {
      this.answer = answer;
    }
  }

  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "CHECKPOINT", description = "Hugging Face directory or GGUF file.")
  Path checkpoint = Path.of("");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder to write; an export that is there already is replaced.")
  Path out = Path.of("");

  @Option(
      names = "--type",
      paramLabel = "f32|f16|bf16",
      defaultValue = "f32",
      description = "Number type of all weights (${DEFAULT-VALUE}).")
  Type type = Type.f32;

  @Option(
      names = "--torchscript",
      paramLabel = "logits|losses",
      arity = "0..1",
      fallbackValue = "logits",
      description = {
        "Write model.pt in the place of safetensors: for ids (B, T) logits (B, T, vocabulary),",
        "or the loss of every token from the second on (B, T-1). In f32 or bf16."
      })
  @Nullable Script script;

  @Option(
      names = "--adapter-base",
      paramLabel = "MODEL",
      description = "Write the adapter, for this model: a path or a name on Hugging Face.")
  @Nullable String adapterBase;

  @Option(
      names = "--dry-run",
      description = "Say who will load it and how large it gets; write nothing.")
  boolean dryRun;

  @Override
  public Integer call() {
    var print = spec.commandLine().getOut();
    if (adapterBase != null && script != null) {
      throw new InputException(
          "--torchscript and --adapter-base are both given: an adapter is no model that runs alone;"
              + " give one of them");
    }
    Publication.check(out, Map.of("the model", checkpoint));
    if (adapterBase != null) {
      AdapterExport.folder(checkpoint);
      if (!dryRun) {
        AdapterExport.write(checkpoint, out, adapterBase, JsonFile.object());
      }
      print.printf("adapter of %s for %s: %s%n", checkpoint, adapterBase, out);
      return 0;
    }
    try (var model = Checkpoint.open(checkpoint)) {
      long parameters = model.graph().parameterCount();
      DiskSpace.require(out, parameters * type.stored.bytes(), "export");
      if (script != null) {
        TorchScriptExport.precision(type.stored);
      } else {
        print.print(Compatibility.of(model.config()).table());
      }
      print.printf(
          "%n%,d parameters, %,d bytes: %s%n", parameters, parameters * type.stored.bytes(), out);
      print.flush();
      if (!dryRun) {
        write(model);
      }
    }
    return 0;
  }

  private void write(Checkpoint model) {
    if (script == null) {
      HfExport.write(model, out, type.stored, JsonFile.object());
    } else {
      TorchScriptExport.write(model, out, type.stored, script.answer, JsonFile.object());
    }
  }
}
