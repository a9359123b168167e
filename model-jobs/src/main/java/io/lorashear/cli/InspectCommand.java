package io.lorashear.cli;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.dependency.SpaceReport;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear inspect}: what could be removed from a model, and why the rest could not. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description =
        "Prints the axes of a model, how many groups each has, what a group costs, why an axis is"
            + " not prunable, and which axes share tensors. A config.json alone is enough: no"
            + " weights are read.",
    footer = {
      "",
      "Examples:",
      "  lorashear inspect models/smollm2.gguf",
      "  lorashear inspect llama-70b/config.json --lora-rank 8 --json axes.json",
      "",
      "Model types: gemma, gemma2, gemma3_text, gpt2, gpt_neox, llama, ministral,",
      "ministral3, mistral, mixtral, olmo2, phi3, qwen2, qwen3, qwen3_moe, smollm3."
    })
public final class InspectCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "MODEL",
      description = "Hugging Face directory, GGUF file or config.json.")
  Path model = Path.of("");

  @Option(
      names = "--lora-rank",
      paramLabel = "R",
      description = "Puts LoRA pairs of this rank beside the linears first.")
  @Nullable Integer rank;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes everything as JSON too.")
  @Nullable Path json;

  @Override
  public Integer call() {
    var graph = ModelShape.read(model);
    if (rank != null) {
      int each = GivenNumber.atLeast(1, "--lora-rank", rank);
      graph = LoraRewrite.apply(graph, new LoraSettings(each, 2.0 * each, List.of())).graph();
    }
    var report = SpaceReport.of(PruningSpace.of(graph));
    if (json != null) {
      JsonFile.write(json, report.toJson());
    }
    var out = spec.commandLine().getOut();
    out.println(report.table());
    out.flush();
    return 0;
  }
}
