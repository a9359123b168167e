package io.lorashear.cli;

import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.export.Export;
import io.lorashear.export.ExportRequest;
import io.lorashear.export.Target;
import io.lorashear.export.Targets;
import io.lorashear.export.Tried;
import io.lorashear.family.ConfigForm;
import io.lorashear.family.ConfigForm.Layers;
import io.lorashear.family.ConfigForm.Words;
import io.lorashear.run.DiskSpace;
import io.lorashear.run.Publication;
import io.lorashear.torch.TorchScriptFile.Answer;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear export}: writes a model for other programs. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a model in the format of another program, and first prints which programs load it.",
      "At the end everything is read again and compared with the model: the tokenizer, every"
          + " weight, and the logits of three short texts. This takes the memory of one model in"
          + " float32, and the time of reading and running the model twice; if there is too little"
          + " memory, logits are skipped, and a line says so. An export that differs is not"
          + " published."
    },
    footer = {
      "",
      "Examples:",
      "  lorashear export runs/recovered --out exported --type bf16",
      "  lorashear export models/smollm2.gguf --out models/smollm2",
      "  lorashear export runs/recovered --out gguf --for llama.cpp --type q4_k_m",
      "  lorashear export runs/recovered --out script --for torchscript",
      "  lorashear export runs/recovered --out adapter --for peft"
    })
public final class ExportCommand implements Callable<Integer> {
  /** The output of a TorchScript file. */
  enum Script {
    logits(Answer.LOGITS),
    losses(Answer.TOKEN_LOSSES);

    private final Answer answer;

    Script(Answer answer) {
      this.answer = answer;
    }
  }

  /** For completion and help. */
  static final class Programs implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Targets.programs().iterator();
    }
  }

  /** For completion and help. */
  static final class Forms implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Targets.forms().iterator();
    }
  }

  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "CHECKPOINT", description = "Hugging Face directory or GGUF file.")
  Path checkpoint = Path.of("");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder to write; replaces an earlier export.")
  Path out = Path.of("");

  @Option(
      names = "--for",
      paramLabel = "PROGRAM",
      completionCandidates = Programs.class,
      description = "The program that will load it: ${COMPLETION-CANDIDATES} (transformers).")
  @Nullable String program;

  @Option(
      names = "--format",
      paramLabel = "FORM",
      completionCandidates = Forms.class,
      description =
          "The same by file format: ${COMPLETION-CANDIDATES}, for the first program that"
              + " reads it.")
  @Nullable String form;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description =
          "Number type of all weights: f32, f16 or bf16, as far as the program reads them (f32).")
  @Nullable String type;

  @Option(
      names = "--answer",
      paramLabel = "logits|losses",
      description = {
        "With --for torchscript: for ids (B, T) logits (B, T, vocabulary),",
        "or the loss of every token from the second on (B, T-1) (logits)."
      })
  @Nullable Script answer;

  @Option(
      names = "--base",
      paramLabel = "MODEL",
      description =
          "With --for peft: the adapter's base model, a folder or a name on Hugging Face; by"
              + " default the pruned model, looked for near the recovered one.")
  @Nullable String base;

  @Option(
      names = "--native",
      description =
          "With --for transformers: writes widths by layer as per_layer_config, for models of"
              + " transformers that read it; otherwise they are written as layer_widths, with the"
              + " file that builds the model.")
  boolean perLayer;

  @Option(
      names = "--transformers",
      paramLabel = "4|5",
      description = "Writes config.json in the format of this version only (both).")
  @Nullable String version;

  @Option(
      names = "--dense",
      paramLabel = "MODEL",
      description =
          "The model that was pruned, for README.md: its folder, whose name and licence are carried"
              + " over, or its name on Hugging Face.")
  @Nullable String dense;

  @Option(
      names = "--scores",
      paramLabel = "DIR",
      description = "Folder that evaluate published for this model, for README.md.")
  @Nullable Path scores;

  @Option(
      names = "--dry-run",
      description = "Prints which programs will load it and how large it is; writes nothing.")
  boolean dryRun;

  @Option(names = "--torchscript", arity = "0..1", fallbackValue = "logits", hidden = true)
  @Nullable String torchscript;

  @Option(names = "--adapter-base", hidden = true)
  @Nullable String adapterBase;

  @Override
  public Integer call() {
    refuseFormerWords();
    var target = Targets.of(Optional.ofNullable(program), Optional.ofNullable(form));
    refuseOptionsOfOthers(target);
    var chosen = target.type(Optional.ofNullable(type));
    Publication.check(out, Map.of("the model", checkpoint));
    try (var model = Checkpoint.open(checkpoint)) {
      var answers = answer == null ? Answer.LOGITS : answer.answer;
      var request =
          new ExportRequest(model, chosen, answers, Optional.ofNullable(base), configForm());
      target.require(request);
      Tried.require(model.config(), target);
      DiskSpace.require(out, target.bytes(request), "export");
      tell(target, request);
      if (!dryRun) {
        var print = spec.commandLine().getOut();
        var name = String.valueOf(out.toAbsolutePath().normalize().getFileName());
        var about =
            Export.about(
                target, request, name, Optional.ofNullable(dense), Optional.ofNullable(scores));
        Export.publish(target, request, Optional.of(about), out, JsonFile.object(), print::println);
      }
    }
    return 0;
  }

  private ConfigForm configForm() {
    var words = version == null ? Words.BOTH : version.equals("4") ? Words.FOUR : Words.FIVE;
    return new ConfigForm(perLayer ? Layers.PER_LAYER : Layers.OWN, words);
  }

  private void tell(Target target, ExportRequest request) {
    var print = spec.commandLine().getOut();
    print.println(Tried.table(request.model().config(), target.form()));
    print.printf(
        "for %s: %,d parameters, %,d bytes (%s): %s%n",
        target.program(),
        request.model().graph().parameterCount(),
        target.bytes(request),
        request.type().name(),
        out);
    print.flush();
    var loud = spec.commandLine().getErr();
    for (var remark : target.remarks(request)) {
      loud.printf("note: %s: %s%n", target.program(), remark);
    }
    loud.flush();
  }

  private void refuseFormerWords() {
    if (torchscript != null) {
      throw new InputException(
          "--torchscript is now --for torchscript%s",
          torchscript.equals("logits") ? "" : " --answer " + torchscript);
    }
    if (adapterBase != null) {
      throw new InputException("--adapter-base is now --for peft --base %s", adapterBase);
    }
  }

  private void refuseOptionsOfOthers(Target target) {
    if (version != null && !List.of("4", "5").contains(version)) {
      throw new InputException("--transformers %s: give 4 or 5, or leave it out for both", version);
    }
    if (version != null && !target.form().equals("hf")) {
      throw new InputException(
          "--transformers is for config.json, which %s does not read: leave it out",
          target.program());
    }
    if (perLayer && !target.program().equals("transformers")) {
      throw new InputException(
          "--native is for --for transformers, not for %s: leave it out", target.program());
    }
    if (answer != null && !target.form().equals("torchscript")) {
      throw new InputException(
          "--answer is for --for torchscript, not for %s: leave it out", target.program());
    }
    if (base != null && !target.form().equals("adapter")) {
      throw new InputException(
          "--base is for --for peft, not for %s: leave it out", target.program());
    }
  }
}
